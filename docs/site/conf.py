# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sphinx's settings for the site of `make docs`.

Its source is a tree that the session docs puts together, in which every page has the same path as in the repository, so links between
guides work. The functions below fix the links that work only on GitHub.
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
LINKS = yaml.safe_load((ROOT / "docs/docsite/links.yml").read_text(encoding="utf-8"))
BRANCH = LINKS["edit_on_github"]["branch"]

# What generated pages refer to in Ansible's own documentation; its inventory would have to be fetched.
ANSIBLE_DOCS = "https://docs.ansible.com/ansible/latest/"
ANSIBLE_PAGES = {"common_return_values": "reference_appendices/common_return_values.html"}

project = f"{GALAXY['namespace']}.{GALAXY['name']}"
version = release = GALAXY["version"]
project_copyright = f"{project} contributors, GPL-3.0-or-later"
language = "en"

extensions = ["myst_parser", "sphinx_antsibull_ext"]
include_patterns = [
    "index.md",
    "docs/**.md",
    "collection/*_filter.rst",
    "collection/*_module.rst",
    "collection/*_role.rst",
    "roles/*/README.md",
    "playbooks/README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.rst",
]
exclude_patterns = ["docs/site"]
nitpicky = True
highlight_language = "text"
myst_heading_anchors = 4

html_theme = "furo"
html_title = f"{project} {version}"
html_static_path = ["static"]
html_favicon = "static/favicon.svg"
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_sphinx = False
html_use_index = False
html_domain_indices = False
html_theme_options = {
    "source_repository": GALAXY["repository"],
    "source_branch": BRANCH,
    "source_directory": "",
    "top_of_page_buttons": ["edit"],
}
antsibull_ext_color_scheme = "none"  # site.css has the theme's own, which turn dark with it


def mend_links(app: Sphinx, document: nodes.document) -> None:
    """Lead links to what is no page of the site to the forge, and links to README.md to the front page, which it is here."""
    folder = posixpath.dirname(app.env.docname)
    for link in list(document.findall(lambda node: isinstance(node, (addnodes.pending_xref, addnodes.download_reference)))):
        if link.get("refdomain") == "doc":  # to a Markdown file; its name, from the root, has lost the suffix
            if link["reftarget"] == "README":
                link["reftarget"] = "index"
            path = "" if link["reftarget"] in app.env.found_docs else f"{link['reftarget']}.md"
        else:  # to a label or to some other file; "" for a link within the page
            path = posixpath.normpath(posixpath.join(folder, link["reftarget"])) if link.get("reftype") in {"myst", None} else ""
        if path and (ROOT / path).exists():
            kind = "tree" if (ROOT / path).is_dir() else "blob"
            link.replace_self(nodes.reference("", "", *link.children, refuri=f"{GALAXY['repository']}/{kind}/{BRANCH}/{path}"))


def drop_contents(_app: Sphinx, document: nodes.document) -> None:
    """Take the lists of sections out of generated pages: the theme has one beside each page."""
    for contents in list(document.findall(lambda node: isinstance(node, nodes.topic) and "contents" in node["classes"])):
        contents.parent.remove(contents)
        for title in document.findall(nodes.title):
            title.attributes.pop("refid", None)  # it led back to the list


def refer_to_ansible(_app: Sphinx, _env: Any, link: addnodes.pending_xref, content: nodes.Element) -> nodes.reference | None:
    page = ANSIBLE_PAGES.get(link["reftarget"])
    return nodes.reference("", "", content, refuri=ANSIBLE_DOCS + page) if page else None


def find_source(_app: Sphinx, page: str, _template: str, context: dict[str, Any], _document: nodes.document | None) -> None:
    """Let "edit this page" lead to what a page is made of."""
    made_of = (context.get("meta") or {}).get("github_url", "").partition("?")[0]
    if page == "index":
        made_of = f"{GALAXY['repository']}/edit/{BRANCH}/README.md"
    if made_of:
        context["theme_source_edit_link"] = made_of


def setup(app: Sphinx) -> None:
    app.connect("doctree-read", mend_links)
    app.connect("doctree-read", drop_contents)
    app.connect("missing-reference", refer_to_ansible)
    app.connect("html-page-context", find_source)
