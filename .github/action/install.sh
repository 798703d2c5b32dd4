#!/usr/bin/env bash
# Puts linarite on the PATH of a GitHub job: a released program whose checksum is right, or one built from the action's own
# tree. action.yml runs it, .ci/action plays it elsewhere.
#
# in:  WANTED (a release, "source" or nothing), USED_AT (the ref of the action), SOURCE (its tree), RUNNER_OS, RUNNER_ARCH,
#      RUNNER_TEMP, GITHUB_PATH, GITHUB_OUTPUT; LINARITE_RELEASES: another place than GitHub's to get releases from
set -euo pipefail

fail() {
  echo "::error title=linarite::$*"
  exit 1
}

release='^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$'
version=${WANTED:-}
if [ -z "$version" ]; then
  version=source
  [[ ! ${USED_AT:-} =~ $release ]] || version=$USED_AT
fi

bin=$RUNNER_TEMP/linarite-bin
mkdir -p "$bin"
exe=
[ "$RUNNER_OS" != Windows ] || exe=.exe

if [ "$version" = source ]; then
  command -v go >/dev/null || fail "building from source takes Go: use actions/setup-go before, or name a release by the input version"
  CGO_ENABLED=0 go -C "$SOURCE" build -trimpath -buildvcs=false -o "$bin/" ./cmd/linarite || fail "linarite cannot be built"
else
  [[ $version =~ $release ]] || fail "the input version is a release such as v1.2.3, or source"
  case $RUNNER_OS in
  Linux) os=linux ext=.tar.gz ;;
  macOS) os=darwin ext=.tar.gz ;;
  Windows) os=windows ext=.zip ;;
  *) fail "there are no releases for $RUNNER_OS" ;;
  esac
  case $RUNNER_ARCH in
  X64) arch=amd64 ;;
  ARM64) arch=arm64 ;;
  *) fail "there are no releases for $RUNNER_ARCH" ;;
  esac
  base=${LINARITE_RELEASES:-https://github.com/linarite/linarite/releases/download}/$version
  name=linarite_${version#v}_${os}_$arch
  scratch=$(mktemp -d "$RUNNER_TEMP/linarite-XXXXXX")
  for file in SHA256SUMS "$name$ext"; do
    curl --fail --silent --show-error --location --retry 3 --output "$scratch/$file" "$base/$file" || fail "$base/$file cannot be had: is $version a release?"
  done
  sum=$(awk -v file="$name$ext" '$2 == file { print $1 }' "$scratch/SHA256SUMS")
  [ -n "$sum" ] || fail "SHA256SUMS of $version does not name $name$ext"
  if command -v sha256sum >/dev/null; then is=$(sha256sum <"$scratch/$name$ext"); else is=$(shasum -a 256 <"$scratch/$name$ext"); fi
  [ "${is%% *}" = "$sum" ] || fail "$name$ext is not what SHA256SUMS of $version says"
  case $ext in
  .zip) unzip -q "$scratch/$name$ext" -d "$scratch" ;;
  *) tar -xzf "$scratch/$name$ext" -C "$scratch" ;;
  esac
  cp "$scratch/$name/linarite$exe" "$scratch/$name/linarite-conformance$exe" "$bin/"
  rm -rf "$scratch"
fi

said=$("$bin/linarite$exe" version)
echo "$said"
echo "$bin" >>"$GITHUB_PATH"
echo "version=$said" >>"$GITHUB_OUTPUT"
