// Copyright (c) 2026, streamops.realtimekit contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Tables of more columns stay tables on a narrow screen, and scroll.
const MOST_COLUMNS = 4;

// Tell each cell of a guide's table its column, which a narrow screen shows in the cell: see site.css.
function nameColumns(table) {
  const columns = [...table.querySelectorAll('thead th')].map((head) => head.textContent.trim());
  if (columns.length > MOST_COLUMNS) return;
  table.classList.add('stacks');
  for (const row of table.querySelectorAll('tbody tr')) {
    [...row.cells].forEach((cell, index) => { if (index && columns[index]) cell.dataset.column = columns[index]; });
  }
}

// A module's full name is longer than a line: let it break between its words, not within one.
function letBreak(title) {
  const text = title.firstChild;
  if (!(text instanceof Text)) return;
  const parts = text.data.split(/(?<=[._])/);
  text.replaceWith(...parts.flatMap((part) => [part, document.createElement('wbr')]).slice(0, -1));
}

document.addEventListener('DOMContentLoaded', () => {
  document.querySelectorAll('table.docutils:not(.ansible-option-table)').forEach(nameColumns);
  document.querySelectorAll('h1').forEach(letBreak);
});
