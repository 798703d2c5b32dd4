#!/usr/bin/env bash
# Runs each fuzz target of the module for a while, one after the other. Targets are found in the test files, so a new
# one needs no entry here.
#
# usage: .ci/fuzz.sh TIME-EACH [MOST-SECONDS-IN-ALL]
# With a second argument the time of each target shrinks until all of them fit in it.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
each=${1%s}
most=${2:-0}
failed=()

# Lines of "directory name". Only the main module: a nested one has its own go.mod and is not reached by ./....
targets=$(grep -rE --include='*_test.go' --exclude-dir='.?*' --exclude-dir=sdkcompat --exclude-dir=tools \
  -o '^func Fuzz[A-Za-z0-9_]*' . | sed -E 's,/[^/]*:func , ,' | sort -u)
count=$(grep -c . <<<"$targets")
[ "$count" -gt 0 ] || {
  echo "no fuzz targets"
  exit 0
}
if [ "$most" -gt 0 ] && [ $((each * count)) -gt "$most" ]; then
  each=$((most / count > 0 ? most / count : 1))
fi
echo "$count fuzz targets, ${each}s each"

tests=$(mktemp -d)
trap 'rm -rf "$tests"' EXIT
corpus=$(go env GOCACHE)/fuzz # where go test -fuzz keeps what it found, by import path

# A package's test is linked once, for all of its targets: that takes longer than a short run of one of them.
fuzz() {
  (cd "$1" && "$tests/test" -test.run='^$' -test.fuzz="^$2\$" -test.fuzztime="${each}s" -test.fuzzcachedir="$corpus/$package") 2>&1
}

built=
while read -r dir name; do
  echo "--- $dir $name"
  if [ "$dir" != "$built" ]; then
    package=$(go list "$dir") && go test -c -fuzz=. -o "$tests/test" "$dir" || {
      failed+=("$dir:$name")
      continue
    }
    built=$dir
  fi
  out=$(fuzz "$dir" "$name")
  status=$?
  # golang/go#75804: when the time runs out at the wrong moment, go test reports its own deadline as a failure and
  # names no input. Once more tells the two apart; a real finding always names its input.
  if [ $status -ne 0 ] && grep -q 'context deadline exceeded' <<<"$out" && ! grep -q 'Failing input' <<<"$out"; then
    echo "the deadline itself was reported as a failure; once more"
    out=$(fuzz "$dir" "$name")
    status=$?
  fi
  if [ $status -ne 0 ]; then
    echo "$out"
    failed+=("$dir:$name")
  else
    grep '^fuzz: ' <<<"$out" | tail -n 1
  fi
done <<<"$targets"

[ ${#failed[@]} -eq 0 ] || {
  echo "fuzz: FAILED: ${failed[*]}"
  exit 1
}
