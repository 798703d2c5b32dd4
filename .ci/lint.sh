#!/usr/bin/env bash
# Runs every linter over the tree and fails if any of them found something; all of them run, so that one call shows
# everything. Use it through `make lint`, which builds the linters first.
#
# usage: .ci/lint.sh DIRECTORY-OF-LINTERS
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
bin=$1
failed=()

check() { # check NAME COMMAND...
  local name=$1
  shift
  echo "lint: $name"
  "$@" || failed+=("$name")
}

formatted() {
  local files
  files=$("$(go env GOROOT)/bin/gofmt" -l .) || return 1
  [ -z "$files" ] || {
    echo "not gofmt's layout; run gofmt -w on:"
    echo "$files"
    return 1
  }
}

# The vulnerability database is the one thing here that is fetched on every run. Out of reach is reported, not failed:
# the answer is then unknown, and it is known again on the next machine that has a network.
vulnerabilities() {
  local out status
  out=$("$bin/govulncheck" ./... 2>&1)
  status=$?
  if [ $status -ne 0 ] && grep -Eq 'fetching vulnerabilities|vuln\.go\.dev' <<<"$out" && ! grep -q '^Vulnerability #' <<<"$out"; then
    echo "govulncheck: the vulnerability database cannot be reached from here; not checked"
    return 0
  fi
  [ $status -eq 0 ] || echo "$out"
  return $status
}

check house .ci/house.sh
check gofmt formatted
# The nested modules are held to the same rules, by the same configuration.
config=$PWD/.golangci.yml
for module in . conformance/sdkcompat fixtures/clients/go examples/go examples/testcontainers/go tools/kubernetes tools/release; do
  cd "$module" || exit 2
  check "vet in $module" go vet ./...
  check "staticcheck in $module" "$bin/staticcheck" ./...
  check "golangci-lint in $module" "$bin/golangci-lint" run --config "$config"
  check "govulncheck in $module" vulnerabilities
  cd "$OLDPWD" || exit 2
done

[ ${#failed[@]} -eq 0 ] || {
  echo "lint: FAILED: ${failed[*]}"
  exit 1
}
