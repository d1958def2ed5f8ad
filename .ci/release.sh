#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# release.sh VERSION [COMMIT]: the changelog, the version and the tarball of a release. All is made and verified in a copy, and
# comes into the checkout at the very end: what fails or is interrupted leaves the checkout as it was. The changes are staged; if
# COMMIT is not empty, they are committed and tagged.

set -euo pipefail
source "$(dirname "$0")/lib.sh"

version=$1 commit=${2:-}
tarball=streamops-realtimekit-$version.tar.gz
# The oldest ansible-core and the newest; the list is in this order.
mapfile -t cores < <(.build/venv/bin/python .ci/versions.py cores | cut -d ' ' -f 1)
cores=("${cores[0]}" "${cores[-1]}")

refuse() {
    printf 'make release: %s.\n' "$*" >&2
    exit 1
}

step() { printf '\n== %s\n' "$*"; }

# With the settings of whoever releases: what to ignore, who commits, how to sign.
home=$HOME
git() { HOME=$home command git "$@"; }
private_home
use_venv venv

python .ci/next_version.py "$version"
head=$(git rev-parse --verify --quiet HEAD) || refuse "this is no git checkout, or it has no commit"
if git rev-parse --verify --quiet "refs/tags/$version" >/dev/null; then refuse "there is a tag $version already"; fi
if [[ $(git status --porcelain --untracked-files=all) ]]; then refuse "the checkout has uncommitted changes: commit or stash them first"; fi
compgen -G 'changelogs/fragments/*.y*ml' >/dev/null || refuse "changelogs/fragments/ is empty: there is nothing to release"

step "ansible-core ${cores[*]}"
HOME=$home .ci/cores.sh "${cores[@]}"
for core in "${cores[@]}"; do
    [[ -f .build/cores/$core/installed ]] || refuse "a release is tried with ansible-core $core, which cannot be had here"
done

step "Changelog and version"
# Not where clean_copy leaves it: make has a tree of collections in there, and ansible-doc finds no role where one is in another.
copy=$PWD/.build/releasing
rm -rf "$copy"
mv "$(clean_copy release)" "$copy"
git -C "$copy" add --all
before=$(git -C "$copy" write-tree)
sed -i "s/^version: .*/version: $version/" "$copy/galaxy.yml"
(cd "$copy" && antsibull-changelog release)
git -C "$copy" add --all
after=$(git -C "$copy" write-tree)
git -C "$copy" diff-tree --stat "$before" "$after"

# The copy has the checkout's tools, and else a .build/ of its own.
mkdir "$copy/.build"
for tools in .build/*venv .build/*venv.stamp; do ln -s "$PWD/$tools" "$copy/.build/"; done
for target in build lint house docs; do
    step "make $target"
    "${MAKE:-make}" --no-print-directory -C "$copy" "$target" ARGS= # whatever was said to us, all of it
done

step "As users install it"
.ci/try.sh "$copy/.build/dist/$tarball" "${cores[@]/#/.build/cores/}"

# From here on it takes a moment, of which a half would be worse than nothing.
trap '' INT TERM HUP
if [[ $(git rev-parse HEAD) != "$head" || $(git status --porcelain --untracked-files=all) ]]; then
    refuse "the checkout has changed in the meantime, nothing was done to it"
fi

mkdir -p .build/release
cp "$copy/.build/dist/$tarball" .build/release/

# undo REASON...: for what fails now, git's own refusals above all.
undo() {
    git reset --quiet --hard "$head"
    rm -f ".build/release/$tarball"
    rmdir --ignore-fail-on-non-empty .build/release
    refuse "$*"
}
git -C "$copy" diff-tree -p --binary --full-index "$before" "$after" | git apply --index --whitespace=nowarn ||
    undo "git apply failed, the checkout is as it was"
if [[ $commit ]]; then
    { git commit --quiet --message "Release $version" && git tag --annotate --message "Release $version" "$version"; } ||
        undo "git did not commit or tag, the checkout is as it was"
fi

step "$version is ready, and verified: .build/release/$tarball"
echo "What remains is for a person:"
if [[ $commit ]]; then
    echo "  git show $version    # a look at it"
else
    echo "  git diff --staged    # a look at it; and if it is not to be: git reset --hard"
    echo "  git commit --message 'Release $version'"
    echo "  git tag --annotate --message 'Release $version' $version"
fi
echo "  git push origin HEAD $version    # the workflow release tests this tag, and publishes it once a maintainer approves"
echo "Without that workflow: ansible-galaxy collection publish .build/release/$tarball"
