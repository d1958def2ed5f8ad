// Copyright (c) 2026, streamops.realtimekit contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// look.mjs SITE RESULTS PICTURES PAGE...: open every page of the site at the URL SITE, and print as JSON what is on each.
// Pictures of those named in PICTURES, with commas between them, go to the folder RESULTS.

import {NARROW, WIDE, openBrowser} from '../browser/chromium.mjs';

const [site, results, pictures, ...paths] = process.argv.slice(2);
const seen = {nav: [], pages: {}, found: []};

// In the page.
const shown = () => {
  const text = (element) => element?.innerText.trim() ?? '';
  const rows = [...document.querySelectorAll('.ansible-option-table tbody > tr')];
  return {
    title: text(document.querySelector('h1')),
    ids: [...document.querySelectorAll('[id]')].map((element) => element.id),
    links: [...document.querySelectorAll('a[href]')].map((link) => link.href),
    images: [...document.images].map((image) => ({alt: image.alt, is_there: image.complete && image.naturalWidth > 0})),
    rows: rows.map((row) => ({
      id: row.querySelector('.ansibleOptionAnchor')?.id ?? '',
      name: text(row.querySelector('.ansible-option-title')),
      type: text(row.querySelector('.ansible-option-type-line')),
      says: text(row.querySelector('td:last-child')),
    })),
  };
};
// The lines of code that are wider than their boxes, by the box's first line.
const cut = () => [...document.querySelectorAll('pre')].filter((box) => box.scrollWidth > box.clientWidth)
  .map((box) => `${box.scrollWidth - box.clientWidth}: ${box.innerText.split('\n').reduce((a, b) => a.length > b.length ? a : b)}`);
// How far the page, or on a narrow screen the part of it that the theme lets scroll, is wider than the screen.
const overflow = () => Math.max(...[document.documentElement, ...document.querySelectorAll('.main, .content')]
  .map((element) => element.scrollWidth - element.clientWidth));

async function picture(page, path) {
  const name = path.replace('.html', '').replaceAll('/', '-');
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({colorScheme});
    for (const size of [WIDE, NARROW]) {
      await page.setViewportSize(size);
      const height = await page.evaluate(() => document.documentElement.scrollHeight);
      const clip = {x: 0, y: 0, width: size.width, height: Math.min(height, 4000)};
      await page.screenshot({path: `${results}/${name}-${size.width}-${colorScheme}.png`, fullPage: true, clip});
    }
  }
  await page.emulateMedia({colorScheme: 'light'});
}

const browser = await openBrowser();
try {
  for (const path of paths) {
    const page = await browser.newPage();
    const errors = [], requests = [];
    page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
    const answer = await page.goto(`${site}${path}`, {waitUntil: 'networkidle'});
    seen.pages[path] = {status: answer.status(), ...await page.evaluate(shown), wide: await page.evaluate(overflow), cut: await page.evaluate(cut)};
    if (!seen.nav.length) seen.nav = await page.locator('.sidebar-tree a').evaluateAll((links) => links.map((link) => link.href));
    await page.setViewportSize(NARROW);
    seen.pages[path].narrow = await page.evaluate(overflow);
    if (pictures.split(',').includes(path)) await picture(page, path);
    Object.assign(seen.pages[path], {errors, requests});
    await page.close();
  }

  const search = await browser.newPage();
  await search.goto(`${site}search.html?q=ERRORED`);
  await search.locator('#search-results .search-summary', {hasText: /found \d+ page/}).waitFor();
  seen.found = await search.locator('#search-results li a').evaluateAll((links) => links.map((link) => link.href));
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
