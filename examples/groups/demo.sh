#!/usr/bin/env bash
# Five devices, a group, a rotation of its key with one device away, a cancel; each claim is checked.
#   examples/groups/demo.sh STAGE
# Exits 0 only if everything held.
set -euo pipefail

stage=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
. "$here/../demo.bash"
# Nothing else is needed here.
rm -rf "$plugins/local" "$plugins/sidecar" "$plugins/workload"
fleet=$state/devices
names='lamp switch sensor lock blind'

device() {
  local verb=$1
  shift
  "$stage/bin/mortise-device" "$verb" --fleet "$fleet" "$@"
}
say() { printf '       %s\n' "$*"; }
# run TYPE KEY=VALUE…: starts it; its name is in $run.
run() {
  local type=$1 pair arguments=()
  shift
  for pair in "$@"; do arguments+=(--param "$pair"); done
  run=$(mortise task run "$type" "${arguments[@]}" | sed -n 's/^[^/]*\/\([^ ]*\) .*/\1/p')
}
field() { mortise get taskrun "$1" -o "jsonpath=$2"; }
is() { [ "$(field "$1" "$2" 2>/dev/null)" = "$3" ]; }
until_field() { patiently 60 "$1: $2 is $3" is "$1" "$2" "$3"; }
# Of all devices, how many have a line like that in their table.
holding() { device show | grep -c "key set home.*$1" || true; }
holds() { [ "$(holding "$1")" = "$2" ]; }
ended() { ! kill -0 "$1" 2>/dev/null; }
waits_for() { mortise why taskrun "$1" 2>/dev/null | grep "$2" >/dev/null; }
empty() { [ "$(device show | grep -c 'key set\|group')" = 0 ]; }

start_devices() {
  FLEET=$fleet/ "$stage/bin/mortise-device" run --fleet "$fleet" "$@" >>"$state/devices.out" 2>&1 &
  devices+=($!)
}
stop_devices() {
  kill -TERM "${devices[@]}" 2>/dev/null || true
  wait "${devices[@]}" 2>/dev/null || true
  devices=()
}
# clean_up ends with the status that it finds.
end() {
  local status=$?
  set +e
  [ ${#devices[@]} = 0 ] || stop_devices
  (exit $status)
  clean_up
}

step "A host, and five devices, each a process of its own"
keep_serving & keeper=$!
devices=()
trap end EXIT
start_devices $names
until_ready
mortise plugins
for name in $names; do patiently 30 "the socket of $name" test -S "$fleet/sockets/$name.sock"; done
device set --skew 7200 sensor
device set --skew -631152000 blind
held "the clock of sensor is two hours ahead, that of blind twenty years behind"

step "Put them into the group kitchen: key set, then the group's mapping, then the membership"
added=
for name in $names; do
  run AddNodeToGroup group=kitchen keySet=home node="$name"
  added="$added $run"
done
for name in $added; do until_field "$name" status.state Complete; done
expect "devices that transmit with k1" 5 "$(holding 'k1#.... from always$')"
device show lamp

step "Rotate the key to k2 while lock is cut off"
device set --offline lock
run RotateGroupKey keySet=home key=k2
rotation=$run
patiently 60 "k2 on the four others" holds 'k2#.... from never' 4
patiently 60 "the rotation waits for lock" waits_for "$rotation" lock
mortise why taskrun "$rotation"
held "the others hold k2 and nobody transmits with it: lock would not understand them"
victim=$(cat "$fleet/devices/lamp/pid")
kill -KILL "$victim"
patiently 10 "the end of lamp" ended "$victim"
start_devices lamp
held "lamp was killed with kill -9 and started again, with the table that it had"
device set --online lock
until_field "$rotation" status.state Complete
expect "devices with k2 alone" 5 "$(holding ': k2#.... from always$')"
if mortise task cancel "$rotation" 2>"$state/refused"; then fail "the rotation was cancelled"; fi
held "cancelling it now is refused: $(head -n 1 "$state/refused")"

step "Rotate to k3, and think better of it"
device set --offline lock
run RotateGroupKey keySet=home key=k3
patiently 60 "k3 on the four others" holds 'k3#.... from never' 4
mortise task cancel "$run"
patiently 60 "the others as they were" holds ': k2#.... from always$' 5
device set --online lock
until_field "$run" status.revert.state Complete
held "cancelled before activate: k3 was taken back from whoever had it, k2 serves on"

step "Take everybody out of the group again"
removed=
for name in $names; do
  run RemoveNodeFromGroup group=kitchen keySet=home node="$name"
  removed="$removed $run"
done
for name in $removed; do until_field "$name" status.state Complete; done
patiently 10 "empty tables" empty
held "no device holds a key set or a group"

step "Could every member understand every other one all the time?"
device check
held "after each change of any device's table, under each device's own clock"
stop_devices
stop_serving
expect_nothing_left
step "Everything held"
