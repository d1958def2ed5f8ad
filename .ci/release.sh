#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# release.sh VERSION [--commit]: make the changelog, the version, and the tarball of a release, and verify them in a clone. The checkout
# changes at the very end, so a failure or an interruption leaves it as it was. The changes are staged, or with --commit committed and
# tagged. The session release sets TOOLS (where its tools are), PYTHON_OF_NOX, CORES (the sessions tarball-... to run), and CLEAN_HOME.

set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=${1:-} commit=${2:-}
tarball=streamops-realtimekit-$version.tar.gz
read -ra ends <<<"$CORES"

refuse() {
    printf 'make release: %s.\n' "$*" >&2
    exit 1
}
step() { printf '\n== %s\n' "$*"; }

trap 'exit 130' INT
trap 'exit 143' TERM HUP
[[ -z $commit || $commit == --commit ]] || refuse "after the version only --commit can follow, not $commit"
"$TOOLS/python" .ci/next_version.py "$version"
head=$(git rev-parse --verify --quiet HEAD) || refuse "this is no git checkout, or it has no commit"
if git rev-parse --verify --quiet "refs/tags/$version" >/dev/null; then refuse "the tag $version exists already"; fi
changes=$(git status --porcelain --untracked-files=all) || refuse "git cannot read the checkout"
[[ -z $changes ]] || refuse "the checkout has uncommitted changes: commit or stash them first"
compgen -G 'changelogs/fragments/*.y*ml' >/dev/null || refuse "changelogs/fragments/ is empty: there is nothing to release"

step "Changelog and version"
copy=$PWD/.build/releasing
rm -rf "$copy"
git clone --quiet --local . "$copy"
sed -i "s/^version: .*/version: $version/" "$copy/galaxy.yml"
(cd "$copy" && HOME=$CLEAN_HOME PATH=$TOOLS:$PATH antsibull-changelog release)
git -C "$copy" add --all
git -C "$copy" diff --staged --stat

step "build, lint, house, docs, and the tarball with ansible-core ${ends[*]}"
# The clone has the tools of the checkout, and all other sessions make their own environments.
mkdir -p "$copy/.build/nox"
ln -s "$(realpath "$TOOLS/..")" "$copy/.build/nox/setup"
(cd "$copy" && "$PYTHON_OF_NOX" -m nox --stop-on-first-error --error-on-missing-interpreters \
    --session build lint house docs "${ends[@]/#/tarball-}")

# The rest takes a moment, and half of it would be worse than nothing.
trap '' INT TERM HUP
changes=$(git status --porcelain --untracked-files=all) || refuse "git cannot read the checkout, and nothing was done to it"
[[ $(git rev-parse HEAD) == "$head" && -z $changes ]] || refuse "the checkout has changed in the meantime, and nothing was done to it"

install -D --mode 644 "$copy/.build/dist/$tarball" ".build/release/$tarball"

# undo REASON...: after a failure from here on, such as a refusal of git.
undo() {
    git reset --quiet --hard "$head"
    rm -f ".build/release/$tarball"
    rmdir --ignore-fail-on-non-empty .build/release
    refuse "$*"
}
git -C "$copy" diff --staged --binary --full-index | git apply --index --whitespace=nowarn ||
    undo "git apply failed, and the checkout is as it was"
if [[ $commit ]]; then
    { git commit --quiet --message "Release $version" && git tag --annotate --message "Release $version" "$version"; } ||
        undo "git did not commit or tag, and the checkout is as it was"
fi

step "$version is ready and verified: .build/release/$tarball"
echo "The next steps are yours:"
if [[ $commit ]]; then
    echo "  git show $version    # read it"
else
    echo "  git diff --staged    # read it; git reset --hard takes it back"
    echo "  git commit --message 'Release $version'"
    echo "  git tag --annotate --message 'Release $version' $version"
fi
echo "  git push origin HEAD $version    # the workflow release tests this tag, and publishes it after a maintainer approves"
echo "Without that workflow: ansible-galaxy collection publish .build/release/$tarball"
