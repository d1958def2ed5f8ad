// Copyright (c) 2026, streamops.realtimekit contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// What the tests that look at pages share: Debian's Chromium without a screen, by playwright-core, and nothing that it does of itself.
// CHROMIUM is the browser, NODE_MODULES has playwright-core, PROFILE is an empty folder.

import {createRequire} from 'node:module';

const {chromium} = createRequire(`${process.env.NODE_MODULES}/`)('playwright-core');

export const WIDE = {width: 1440, height: 900};
export const NARROW = {width: 390, height: 844};

export function openBrowser(...args) {
  return chromium.launchPersistentContext(process.env.PROFILE, {
    executablePath: process.env.CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run', ...args],
    headless: true,
    timeout: 30000,
    viewport: WIDE,
  });
}
