#!/usr/bin/env bash
# Holds what the package's own tests don't build against the protocol: the examples in Go and Python, the
# scaffold's plugins, which pass their own unit tests too, and the Go example with defects put into it, each
# of which must be found by exactly the cases that claim it. Ends with 1 at the first that is not as it must be.
#   Tests/conformance.sh FOLDER-OF-BUILT-PROGRAMS
set -euo pipefail
cd "$(dirname "$0")/.."
mortise=$(realpath "$1")/mortise
work=$(mktemp -d)
server= swift=
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ -z "$swift" ] || kill -- "-$swift" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

say() { printf '== %s\n' "$*"; }
kit() { "$mortise" conformance "$@" --quick >"$work/report" 2>&1 || { cat "$work/report"; return 1; }; }
summary() { grep -E ' warn | cases: ' "$work/report"; }

make -s -C plugins/examples

# A Swift plugin is a package of its own, which builds the SDK anew: beside all that mostly waits.
"$mortise" plugin new swift my-swift --from "$PWD" --into "$work" >/dev/null
setsid make -s -C "$work/my-swift" all test >"$work/swift" 2>&1 &
swift=$!

# An endpoint for http-health: it tells its own port, so that none can be taken.
python3 -u - >"$work/port" 2>"$work/requests" <<'PY' &
import http.server, socketserver
with socketserver.ThreadingTCPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as s:
    print(s.server_address[1], flush=True)
    s.serve_forever()
PY
server=$!
while [ ! -s "$work/port" ]; do sleep 0.05; done
url=http://127.0.0.1:$(cat "$work/port")

say "plugins/examples/http-health"
kit build/examples/plugins/http-health --samples plugins/examples/http-health/conformance.yaml --set "url=$url"
summary
say "plugins/examples/postgres-migrate"
POSTGRES=/usr/lib/postgresql/15/bin PYTHONPATH=plugins/examples/postgres-migrate/tests \
  python3 plugins/examples/postgres-migrate/tests/with_server.py \
  "$mortise" conformance build/examples/plugins/postgres-migrate --quick \
  --samples plugins/examples/postgres-migrate/conformance.yaml >"$work/report" 2>&1 \
  || { cat "$work/report"; exit 1; }
summary

for language in go python; do
  say "plugin new $language"
  "$mortise" plugin new $language my-$language --from "$PWD" --into "$work" >/dev/null
  make -s -C "$work/my-$language" all test >"$work/build" 2>&1 || { cat "$work/build"; exit 1; }
  kit "$work/my-$language/build/my-$language" --samples "$work/my-$language/conformance.yaml"
  summary
done

# Defects of the Go example: a line of its source, what it becomes, and the cases that must fail.
cp -R plugins/examples/http-health "$work/defects"
gopath=$PWD/build/examples/go
defect() {
  local file=$1 from=$2 to=$3 claims=$4
  say "http-health with: $to"
  cp plugins/examples/http-health/"$file" "$work/defects/$file"
  python3 - "$work/defects/$file" "$from" "$to" <<'PY'
import sys
path, old, new = sys.argv[1:]
text = open(path).read()
assert text.count(old) == 1, f"{path} has {text.count(old)} times: {old}"
open(path, "w").write(text.replace(old, new))
PY
  (cd "$work/defects" && CGO_ENABLED=0 GO111MODULE=off GOFLAGS=-buildvcs=false GOPATH=/usr/share/gocode:$gopath \
    GOCACHE=$OLDPWD/.build/go/cache go build -o http-health-plugin .)
  cp plugins/examples/http-health/"$file" "$work/defects/$file"
  "$mortise" conformance "$work/defects/http-health-plugin" --quick --json "$work/report.json" \
    --samples plugins/examples/http-health/conformance.yaml --set "url=$url" >"$work/report" 2>&1 || true
  python3 - "$work/report.json" "$work/sound.json" "$claims" <<'PY'
import json, sys
failed = lambda path: {c["id"] for c in json.load(open(path))["cases"] if c["outcome"] in ("failed", "advised")}
found, claimed = failed(sys.argv[1]) - failed(sys.argv[2]), set(sys.argv[3].split())
assert found == claimed, f"failed: {sorted(found)}; claimed: {sorted(claimed)}"
PY
}
"$mortise" conformance build/examples/plugins/http-health/http-health-plugin --quick \
  --json "$work/sound.json" --samples plugins/examples/http-health/conformance.yaml \
  --set "url=$url" >/dev/null
defect session.go 'if epoch < p.highestEpoch {' 'if false {' 'handshake.stale-host handshake.stale-call'
defect session.go 'if !greeted {' 'if !greeted && false {' 'handshake.required handshake.each-connection'
defect session.go 'Nonce: r.Nonce,' 'Nonce: "",' 'handshake.nonce'
defect runs.go 'Reset_: isForeign}' 'Reset_: false}' 'execute.updates-reset recover.updates-after-restart'
defect tasks.go 'if r.TaskId == "" || r.Attempt == 0 {' 'if false {' 'execute.required-fields'

say "plugin new swift"
wait "$swift" || { cat "$work/swift"; exit 1; }
swift=
kit "$work/my-swift/build/my-swift" --samples "$work/my-swift/conformance.yaml"
summary
say "all as claimed"
