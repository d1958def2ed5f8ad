/*
Copyright (c) 2026, streamops.realtimekit contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
*/

'use strict';
const RETRY_AFTER = 5000;
const RELOAD_AFTER = 60000;

// The page is written when something has changed, and the server says when that was.
const written = new Date(document.lastModified);
document.querySelector('.written').textContent = `Updated ${written.toLocaleString([], {dateStyle: 'medium', timeStyle: 'short'})}.`;

// Browsers without Media Source Extensions (Safari on older phones) play HLS by themselves.
function attach(video, say) {
  const url = video.dataset.url;
  if (window.Hls && Hls.isSupported()) {
    const hls = new Hls({enableWorker: false}); // A worker comes from a blob, which a strict Content-Security-Policy refuses.
    hls.on(Hls.Events.ERROR, (event, error) => {
      if (!error.fatal) return;
      if (error.type === Hls.ErrorTypes.MEDIA_ERROR) {
        hls.recoverMediaError();
        return;
      }
      say('No picture right now. Trying again …');
      setTimeout(() => hls.loadSource(url), RETRY_AFTER);
    });
    hls.on(Hls.Events.FRAG_BUFFERED, () => say(''));
    hls.loadSource(url);
    hls.attachMedia(video);
  } else if (video.canPlayType('application/vnd.apple.mpegurl')) {
    video.addEventListener('error', () => {
      say('No picture right now. Trying again …');
      setTimeout(() => { video.load(); video.play().catch(() => {}); }, RETRY_AFTER);
    });
    video.addEventListener('playing', () => say(''));
    video.src = url;
  } else {
    say('This browser cannot play the stream. Open it in another player.');
    return false;
  }
  return true;
}

for (const screen of document.querySelectorAll('.screen')) {
  const video = screen.querySelector('video');
  if (!video) continue;
  const button = screen.querySelector('button');
  const note = screen.querySelector('.note');
  const say = (text) => { note.textContent = text; note.hidden = !text; };
  button.addEventListener('click', () => {
    if (!attach(video, say)) return;
    button.hidden = true;
    video.hidden = false;
    video.play().catch(() => {});
    video.focus();
  });
  // One sound at a time.
  video.addEventListener('play', () => {
    for (const other of document.querySelectorAll('video')) if (other !== video) other.pause();
  });
}

// A room that is started anew has another address. A page on which nothing plays asks for the list again.
setInterval(() => {
  const videos = [...document.querySelectorAll('video')];
  if (!videos.some((video) => !video.paused && video.readyState > HTMLMediaElement.HAVE_CURRENT_DATA)) location.reload();
}, RELOAD_AFTER);
