// Copyright (c) 2026, streamops.realtimekit contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// report.mjs URL SCREENSHOTS: open the report in Chromium at each size, in light and dark, and on paper; print as JSON what was seen.

import {NARROW, WIDE, openBrowser} from '../browser/chromium.mjs';

const [url, screenshots] = process.argv.slice(2);
const seen = {errors: [], requests: [], overflow: {}, contrast: {}};

// In the page: the least contrast between a text and what is behind it, and between a bar and its card, by WCAG's formula.
const leastContrast = () => {
  const parse = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = parse(color).map((part) => part / 255).map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if ((parse(color)[3] ?? 1) > 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const ratio = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
  const texts = [...document.body.querySelectorAll('*')].filter((element) => hasText(element) && element.tagName !== 'title');
  const inks = texts.map((element) => [getComputedStyle(element)[element.tagName === 'text' ? 'fill' : 'color'], behind(element)]);
  const bars = [...document.querySelectorAll('rect:not(.track)')].map((element) => [getComputedStyle(element).fill, behind(element)]);
  const least = (pairs) => Math.min(...pairs.map(([one, other]) => ratio(one, other)));
  return {texts: least(inks), bars: least(bars)};
};
// Texts of the axis that lie on each other.
const collisions = () => {
  const boxes = [...document.querySelectorAll('.axis text')].map((text) => text.getBoundingClientRect());
  const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom - 2 && b.top < a.bottom - 2;
  return boxes.filter((box, place) => boxes.slice(place + 1).some((other) => overlap(box, other))).length;
};

const browser = await openBrowser();
try {
  const page = await browser.newPage();
  page.on('dialog', (dialog) => { seen.errors.push(dialog.message()); dialog.dismiss(); });
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  // What a policy refuses is an error on the console only.
  page.on('console', (message) => { if (message.text().includes('Content Security Policy')) seen.errors.push(message.text()); });
  page.on('request', (request) => seen.requests.push(request.url()));
  await page.goto(url, {waitUntil: 'networkidle'});

  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({colorScheme});
    for (const size of [WIDE, {width: 768, height: 1024}, NARROW, {width: 320, height: 568}]) {
      await page.setViewportSize(size);
      seen.overflow[`${size.width} ${colorScheme}`] = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      seen.collisions = (seen.collisions ?? 0) + await page.evaluate(collisions);
      await page.screenshot({path: `${screenshots}/report-${size.width}-${colorScheme}.png`, fullPage: true});
    }
    seen.contrast[colorScheme] = await page.evaluate(leastContrast);
  }
  await page.emulateMedia({media: 'print', colorScheme: 'dark'});
  seen.contrast.print = await page.evaluate(leastContrast);
  seen.paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.setViewportSize({width: 794, height: 1123}); // A4
  await page.screenshot({path: `${screenshots}/report-print.png`, fullPage: true});
  await page.emulateMedia({media: null, colorScheme: 'light'});

  await page.setViewportSize(WIDE);
  seen.title = await page.title();
  seen.heading = await page.locator('h1').textContent();
  seen.tiles = await page.locator('.tiles div').evaluateAll((tiles) => tiles.map((tile) => [...tile.children].map((part) => part.textContent)));
  seen.rooms = await page.locator('.rooms > li').evaluateAll((rooms) => rooms.map((room) => ({
    name: room.querySelector('h3').textContent,
    text: room.innerText,
    bars: [...room.querySelectorAll('rect:not(.track)')].map((bar) => [bar.getAttribute('class'), Math.round(bar.getBoundingClientRect().width)]),
  })));
  seen.strips = await page.locator('.strips > li:not(.axis)').evaluateAll((rows) => rows.map((row) => ({
    name: row.querySelector('.name').textContent,
    // What is drawn, as parts of the whole strip.
    parts: [...row.querySelectorAll('rect')].map((part) => {
      const [inner, outer] = [part.getBoundingClientRect(), row.querySelector('svg').getBoundingClientRect()];
      return [part.getAttribute('class'), (inner.left - outer.left) / outer.width, (inner.right - outer.left) / outer.width];
    }),
  })));
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
