#!/usr/bin/env bash
# Looks through the files of the repository for text that does not belong in it: paths of one machine, hosts of package
# registries, notes of things left to do. Each pattern is written in two halves so that this file does not match itself.
#
# usage: .ci/house.sh [DIRECTORY]
set -uo pipefail
cd "${1:-$(dirname "$0")/..}" || exit 2

# Without git, or without its directory, all files count. safe.directory: the tree may belong to another user.
files() {
  git -c safe.directory="$PWD" ls-files -z --cached --others --exclude-standard 2>/dev/null ||
    find . -name .git -prune -o -path ./.cache -prune -o -path ./bin -prune -o -type f -print0
}

found=0
forbid() { # forbid WHAT PATTERN
  local hits
  hits=$(files | xargs -0 grep -nIE -e "$2" -- /dev/null 2>/dev/null | cut -c1-200)
  [ -z "$hits" ] || {
    echo "$1:"
    echo "$hits"
    found=1
  }
}

start='(^|[^A-Za-z0-9_.~/-])'
forbid 'a path of one machine' "$start/(wo""rk|fa""rm)(/|\$)|/tmp/ba""sh_|\\.\\./sha""red/"
forbid 'the host of a package registry' "pro""xy\\.golang\\.org|su""m\\.golang\\.org|regis""try\\.(npmjs|yarnpkg)|py""pi\\.org|repo1?\\.ma""ven\\.|crates\\.i""o"
forbid 'something left to do (do it, or write a decision record)' "\\b(TO""DO|FIX""ME|XX""X)\\b"

exit $found
