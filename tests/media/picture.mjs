// Copyright (c) 2026, streamops.realtimekit contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// picture.mjs URL FILE: play the first room of a broadcast page, and take a picture of the page.

import {WIDE, openBrowser} from '../browser/chromium.mjs';

const [url, path] = process.argv.slice(2);
const browser = await openBrowser('--autoplay-policy=no-user-gesture-required');
try {
  const page = await browser.newPage();
  await page.setViewportSize({...WIDE, height: 500});
  await page.goto(url);
  await page.locator('.screen button').first().click();
  await page.waitForFunction(() => document.querySelector('video').currentTime > 1, undefined, {timeout: 30000});
  await page.evaluate(() => document.querySelector('video').pause());
  await page.screenshot({path, fullPage: true});
} finally {
  await browser.close();
}
console.log(JSON.stringify({}));
