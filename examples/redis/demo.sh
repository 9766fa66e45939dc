#!/usr/bin/env bash
# A redis node from YAML to Running, updated, deleted; each claim is checked against the server.
#   examples/redis/demo.sh STAGE [--crash]
# --crash has whatever makes an effect stop right after it, then kills that process, both task plugins,
# the driver and the host with kill -9, and goes on: after every effect. Exits 0 only if everything held.
set -euo pipefail

stage=$(realpath "$1")
crash=${2:-}
here=$(dirname "$(realpath "$0")")
. "$here/../demo.bash"
node() { mortise get statefulnode cache -o "jsonpath=$1"; }
redis() { redis-cli -h "$address" -p "$port" "$@"; }
setting() { redis config get "$1" | tail -n 1; }
server_pid() { redis info server | tr -d '\r' | sed -n 's/^process_id://p'; }

# A plan ends when the sidecar lets the server start; the service answers once the server is ready.
answers() { redis ping 2>/dev/null | grep -q PONG; }
until_serving() { patiently 60 "an answer of the service" answers; }

step "A host with its plugins (state in $state)"
keep_serving & keeper=$!
trap clean_up EXIT
until_ready
mortise plugins
if [ -n "$crash" ]; then
  crash_after_every_effect workload sidecar local & crasher=$!
  held "from here on the host, both task plugins and the driver are killed after every effect"
fi

step "Apply examples/redis/node.yaml"
mortise apply -f "$here/node.yaml" --wait
expect "phase" Running "$(node status.phase)"
address=$(node status.service.address)
port=$(node status.service.port)
until_serving
redis set greeting 'hello from the first revision' >/dev/null
expect "a key written and read back at $address:$port" 'hello from the first revision' "$(redis get greeting)"
first_pid=$(server_pid)
first_revision=$(node status.revision)
expect "maxmemory, as the server says" 67108864 "$(setting maxmemory)"

step "Apply examples/redis/node-v2.yaml: another image, another configuration"
mortise apply -f "$here/node-v2.yaml"
samples=0
while true; do
  pid=$(server_pid 2>/dev/null || true)
  progress=$(mortise describe statefulnode cache 2>/dev/null || true)
  # The pid was read before the state: a task that has not begun now had not begun then.
  if grep -qE 'replace-pod +Pending' <<<"$progress"; then
    [ "$pid" = "$first_pid" ] || fail "before replace-pod the server was \"$pid\", not $first_pid"
    samples=$((samples + 1))
  elif grep -qE 'replace-pod' <<<"$progress"; then
    break
  fi
done
held "until replace-pod ran, pid $first_pid served (asked $samples times)"
mortise wait statefulnode cache --for=condition=NodeUpdateInProgress=False --timeout 180s
expect "reason" UpdateComplete "$(reason_of statefulnode cache NodeUpdateInProgress)"
until_serving
second_pid=$(server_pid)
second_revision=$(node status.revision)
[ "$second_pid" != "$first_pid" ] || fail "the pid is still $first_pid"
held "pid $first_pid became $second_pid"
[ "$second_revision" != "$first_revision" ] || fail "the revision is still $first_revision"
held "revision $first_revision became $second_revision"
expect "hz, which only the new image sets" 50 "$(setting hz)"
expect "maxmemory, as the server says" 100663296 "$(setting maxmemory)"
expect "the key written before" 'hello from the first revision' "$(redis get greeting)"

step "Delete the node"
mortise delete statefulnode cache --wait
if redis ping >/dev/null 2>&1; then fail "the service still answers"; fi
held "the service's address refuses connections"
expect "objects left in the store" 0 "$( (mortise get statefulnodes -o name; mortise get intents -o name) | wc -l)"
end_crashes workload sidecar local
expect "volumes, pods and logs left on disk" 0 "$(find "$state/host" -path '*/default/cache*' | wc -l)"
stop_serving
expect_nothing_left
step "Everything held"
