#!/usr/bin/env bash
# Holds a freshly served Linarite against what the real services said: recorded requests are sent to it again, and what
# it answers is compared. The recordings and the programs beside them are no part of this repository; where they are
# absent, this says so and is done. What differs is compared with the lists in conformance/truth (docs/truth.md).
#
# usage: .ci/truth.sh replay|openapi SHARED [-update]
set -euo pipefail
cd "$(dirname "$0")/.."

check=$1 shared=$2 update=${3:-}
out=$PWD/.cache/truth
mkdir -p "$out"

need() { # need WHAT PATH
  [ -e "$2" ] || {
    echo "skipped: no $1 at $2"
    exit 0
  }
}

server=
stop() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true
  rm -rf "$out/home"
}
trap stop EXIT

serve() { # a world of its own on free ports of loopback, with a home of its own
  CGO_ENABLED=0 go build -trimpath -o "$out/linarite" ./cmd/linarite
  rm -f "$out/ready.json"
  "$out/linarite" serve --home "$out/home" --world conformance/truth/world.yaml --port 0 --https-port 0 --blob-port 0 \
    --log none --offline --ready-file "$out/ready.json" >"$out/serve.txt" 2>&1 &
  server=$!
  for _ in $(seq 300); do
    [ ! -s "$out/ready.json" ] || return 0
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  echo "linarite serve did not begin:" >&2
  cat "$out/serve.txt" >&2
  exit 1
}

replay() {
  need recordings "$shared/recordings"
  need 'replayer of Blob requests' "$shared/tools/replay"
  serve
  local status=0 blob
  blob=$(sed -n 's/.*"blobUrl":"\([^"]*\)".*/\1/p' "$out/ready.json")
  go build -C "$shared/tools/replay" -o "$out/replay" .
  echo "Blob storage, recorded by the SDK for Python in 2018 and 2019:"
  "$out/replay" -base "$blob/devstoreaccount1" -dir "$shared/recordings/blob-azure-storage-python" -out "$out/blob.json" >"$out/blob.txt"
  go run ./conformance/truth/run blob -differences "$out/blob.json" -table "$out/blob.txt" -list conformance/truth/replay-blob.json $update || status=1
  echo
  echo "The same, with the values of headers and XML, wording and content of answers that have the same status:"
  go run ./conformance/truth/run blob-values -ready "$out/ready.json" -recordings "$shared/recordings" -list conformance/truth/replay-blob-values.json $update || status=1
  echo
  echo "Resource Manager and Graph, recorded by the az CLI and the SDK for Java:"
  go run ./conformance/truth/run arm -ready "$out/ready.json" -recordings "$shared/recordings" -list conformance/truth/replay-arm.json $update || status=1
  return $status
}

# The SDK tests run with a recorder, and what they sent and got is held against the published descriptions.
openapi() {
  need 'API descriptions' "$shared/openapi/specification"
  need 'validator' "$shared/tools/openapi-check/package.json"
  need 'Node.js' "$(command -v node || echo "the PATH")"
  if ! cmp -s "$shared/tools/openapi-check/package.json" "$out/oav/package.json" || [ ! -d "$out/oav/node_modules/oav" ]; then
    mkdir -p "$out/oav"
    cp "$shared/tools/openapi-check/package.json" "$out/oav/"
    npm --prefix "$out/oav" install --no-fund --no-audit --loglevel=error
  fi
  rm -f "$out/traffic.jsonl"
  LINARITE_TRAFFIC=$out/traffic.jsonl go test -C conformance/sdkcompat -count=1 .
  (cd "$out/oav" && node "$OLDPWD/conformance/truth/validate.js" "$shared/openapi" "$out/traffic.jsonl" >"$out/findings.jsonl")
  local status=0
  go run ./conformance/truth/run traffic -findings "$out/findings.jsonl" -traffic "$out/traffic.jsonl" -descriptions "$shared/openapi" \
    -list conformance/truth/openapi.json $update || status=1
  rm -f "$out/traffic.jsonl" # secrets of worlds that are gone, and still nothing to leave about
  return $status
}

case $check in
replay | openapi) "$check" ;;
*)
  echo "usage: .ci/truth.sh replay|openapi SHARED [-update]" >&2
  exit 2
  ;;
esac
