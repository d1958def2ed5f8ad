// Copyright (c) 2026, streamops.realtimekit contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// play.mjs URL SCREENSHOTS: open the page in Chromium, play its first room, and print as JSON what was seen.

import {NARROW, WIDE, openBrowser} from '../browser/chromium.mjs';

const [url, screenshots] = process.argv.slice(2);
const seen = {dialogs: [], errors: [], requests: []};

const browser = await openBrowser('--autoplay-policy=no-user-gesture-required');
try {
  const page = await browser.newPage();
  page.on('dialog', (dialog) => { seen.dialogs.push(dialog.message()); dialog.dismiss(); });
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  // What a policy refuses is an error on the console only.
  page.on('console', (message) => { if (message.text().includes('Content Security Policy')) seen.errors.push(message.text()); });
  page.on('request', (request) => seen.requests.push(request.url()));
  await page.goto(url);

  seen.before = await page.evaluate(() => document.querySelectorAll('.screen').length);
  await page.locator('.screen button').first().click();
  const at = () => page.evaluate(() => document.querySelector('video').currentTime);
  await page.waitForFunction(() => document.querySelector('video').currentTime > 0, undefined, {timeout: 30000});
  seen.from = await at();
  await page.waitForFunction((from) => document.querySelector('video').currentTime > from + 2, seen.from, {timeout: 20000});
  seen.to = await at();
  seen.picture = await page.evaluate(() => [document.querySelector('video').videoWidth, document.querySelector('video').videoHeight]);
  seen.headings = await page.locator('h2').allTextContents();
  seen.statuses = await page.locator('.status').allTextContents();

  for (const [name, viewport] of [['wide', WIDE], ['narrow', NARROW]]) {
    await page.setViewportSize(viewport);
    await page.screenshot({path: `${screenshots}/${name}.png`, fullPage: true});
    seen[name] = await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
  }
  await page.emulateMedia({colorScheme: 'dark'});
  await page.screenshot({path: `${screenshots}/dark.png`, fullPage: true});
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
