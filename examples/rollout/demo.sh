#!/usr/bin/env bash
# Six children, of which the third really fails, under each failure policy in turn; each claim is checked.
#   examples/rollout/demo.sh STAGE FILES_PLUGIN
# Exits 0 only if everything held.
set -euo pipefail

stage=$(realpath "$1")
files_plugin=$(realpath "$2")
here=$(dirname "$(realpath "$0")")
. "$here/../demo.bash"

# The light plugin alone: nothing here needs the others.
rm -rf "$plugins"
mkdir -p "$plugins/files"
cp "$files_plugin" "$plugins/files/files-plugin"
cp "$here/../files-plugin/plugin.yaml" "$plugins/files/"

# deployment NAME POLICY [MORE…]: a manifest of six pages.
deployment() {
  cat <<YAML
apiVersion: mortise.dev/v1
kind: NodeDeployment
metadata: {name: $1}
spec:
  replicas: 6
  onFailure: $2
${3:+  $3
}  template:
    kind: Leaflet
    spec: {root: $state/pages, text: hello}
YAML
}
# prepare NAME: a directory for each page but the third.
prepare() { for i in 0 1 3 4 5; do mkdir -p "$state/pages/$1-$i"; done; }
field() { mortise get nodedeployment "$1" -o "jsonpath=$2"; }
pages() { find "$state/pages" -path "*/$1-*/page" | wc -l; }
# status_code NAME [OPTION…]: follows the rollout and prints what it has come to.
status_code() {
  local code=0
  mortise rollout status "$@" --wait --timeout 60s >&2 || code=$?
  echo "$code"
}
# On a terminal the table stands there already, as it was followed.
show() { [ -t 2 ] || mortise rollout status "$1"; }
ends() { mortise events nodedeployment "$1" -o json | grep -c '"RolloutEnded"' || true; }
# The one who tells of an attempt's end comes right after it.
told() { [ "$(ends "$1")" = "$2" ]; }

step "A host with the plugin of examples/files-plugin (state in $state)"
keep_serving & keeper=$!
trap clean_up EXIT
until_ready
mortise apply -f "$here/kind.yaml"

step "onFailure: halt: the third fails, nothing after it starts"
prepare halt
deployment halt halt | mortise apply -f -
expect "exit status of rollout status --wait (failed)" 1 "$(status_code halt)"
show halt
expect "state" failed "$(field halt status.state)"
expect "pages written" 2 "$(pages halt)"
expect "children" "leaflet/halt-0 leaflet/halt-1 leaflet/halt-2" "$(mortise get leaflets -o name | tr '\n' ' ' | sed 's/ $//')"
step "The cause is mended, and the unfinished are tried again"
mkdir "$state/pages/halt-2"
mortise rollout retry halt
expect "exit status (complete)" 0 "$(status_code halt)"
expect "pages written" 6 "$(pages halt)"
patiently 30 "both ends told of" told halt 2
held "the end of each of the two attempts was told of once"
mortise rollout history halt
if mortise rollout retry halt 2>"$state/refused"; then fail "a complete attempt was revived"; fi
held "refused: $(tr '\n' ' ' <"$state/refused")"

step "onFailure: pause: the attempt ends at once, and resume begins the next one"
prepare pause
deployment pause pause | mortise apply -f -
expect "exit status (failed)" 1 "$(status_code pause)"
show pause
mkdir "$state/pages/pause-2"
mortise rollout resume pause
expect "exit status (complete)" 0 "$(status_code pause)"
expect "attempt" 2 "$(field pause status.rollout.attempt.number)"

step "onFailure: continue: degraded at once, the others go on, and the end is Failed all the same"
prepare continue
deployment continue continue "canary: 4" | mortise apply -f -
expect "exit status (degraded)" 7 "$(status_code continue)"
show continue
expect "exit status with --settled (paused, behind the canaries)" 8 "$(status_code continue --settled)"
mortise rollout resume continue
expect "exit status with --settled (failed)" 1 "$(status_code continue --settled)"
show continue
expect "pages written, of the five that can be" 5 "$(pages continue)"

step "Delete the three: the last child first"
mortise delete nodedeployment halt --wait
mortise delete nodedeployment pause --wait
mortise delete nodedeployment continue --wait
expect "objects left in the store" 0 "$( (mortise get nodedeployments -o name; mortise get leaflets -o name) 2>/dev/null | wc -l)"
stop_serving
expect_nothing_left
step "Everything held"
