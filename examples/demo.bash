# What the demos share; sourced after `stage` is set. It makes a state directory with a host's socket,
# and a host that is started again when it is killed, as a service manager would.
state=$(mktemp -d "${TMPDIR:-/tmp}/mortise-demo.XXXXXX")
socket=$state/mortise.sock
plugins=$state/plugins
cp -R "$stage/plugins" "$stage/images" "$state/"
crash=${crash:-}

# Exit code 3: the host was killed under the call. All that is called here may be called again.
mortise() {
  local code tries=0
  while true; do
    code=0
    "$stage/bin/mortise" --socket "$socket" "$@" || code=$?
    tries=$((tries + 1))
    if [ "$code" != 3 ] || [ -z "$crash" ] || [ $tries -ge 100 ]; then return "$code"; fi
    sleep 0.05
  done
}

bold='' plain='' green='' red=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$'\e[1m' plain=$'\e[0m' green=$'\e[32m' red=$'\e[31m'
fi
step() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
held() { printf '%s   ok%s  %s\n' "$green" "$plain" "$*"; }
fail() {
  printf '%s   FAILED%s  %s\n' "$red" "$plain" "$*" >&2
  printf '   host log: %s\n' "$state/host.log" >&2
  keep=1
  exit 1
}
# expect WHAT WANTED GOT
expect() { if [ "$2" = "$3" ]; then held "$1: $3"; else fail "$1: wanted \"$2\", got \"$3\""; fi; }

# patiently SECONDS WHAT COMMAND…: until the command succeeds.
patiently() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ $SECONDS -lt $deadline ] || fail "$what: not in time"
    sleep 0.05
  done
}

# Those of the pids that are processes of this demo: plugins work in a folder under its state, what they
# start has it in its environment.
ours() {
  local pid
  for pid in "$@"; do
    if [[ "$(readlink "/proc/$pid/cwd" 2>/dev/null)/" == "$state/"* ]] ||
      grep -qzF "$state/" "/proc/$pid/environ" 2>/dev/null; then echo "$pid"; fi
  done
}

# reason_of KIND NAME CONDITION
reason_of() {
  mortise get "$1" "$2" -o jsonpath=status.conditions | tr -d ' \n' |
    grep -o "\"type\":\"$3\"[^}]*" | grep -o '"reason":"[A-Za-z]*"' | cut -d '"' -f 4
}

serve() { MORTISE_FAILPOINT=${crash:+hold:logged,recorded} exec "$stage/bin/mortise" --socket "$socket" serve --state "$state/host" --plugins "$plugins" >>"$state/host.log" 2>&1; }

keep_serving() {
  trap 'kill -TERM "$host" 2>/dev/null; wait "$host" 2>/dev/null; exit 0' TERM
  while true; do
    serve & host=$!
    { wait "$host"; } 2>/dev/null || true
  done
}

all_ready() {
  mortise plugins -o json 2>/dev/null | tr -d ' \n' | grep -o '"state":"Ready"' | wc -l |
    grep -qx "$(find "$plugins/" -mindepth 2 -maxdepth 2 -name plugin.yaml | wc -l)"
}
until_ready() { patiently 60 "the host and all its plugins ready" all_ready; }

pid_of_plugin() { mortise plugins -o json | tr -d ' \n' | grep -o "\"name\":\"$1\"[^}]*\"pid\":[0-9]*" | grep -o '[0-9]*$'; }

# The process of this demo that stopped itself right after an effect; empty = none did.
stopped() { ours $(ps -eo pid=,stat= | awk '$2 ~ /^T/ {print $1}'); }

kill_plugin() { kill -KILL "$(pid_of_plugin "$1")" 2>/dev/null && echo "$1" >>"$state/killed"; }
kill_host() { kill -KILL "$(pgrep -P "$keeper" -x mortise)" 2>/dev/null && echo host >>"$state/killed"; }

# kill_each PLUGIN…: those, then the host; one may be on its way back from the last kill.
kill_each() {
  local plugin
  for plugin in "$@"; do patiently 30 "the plugin $plugin killed" kill_plugin "$plugin"; done
  patiently 30 "the host killed" kill_host
}

# crash_after_every_effect PLUGIN…: whatever made an effect has stopped itself; nothing moves on before
# it, each of the plugins and the host are killed.
crash_after_every_effect() {
  local effector
  while [ ! -e "$state/calm" ]; do
    effector=$(stopped)
    if [ -z "$effector" ]; then
      sleep 0.02
      continue
    fi
    echo effect >>"$state/effects"
    kill_each "$@"
    kill -KILL $effector 2>/dev/null || true
  done
}

# end_crashes PLUGIN…: the kills add up, and no effect was made twice.
end_crashes() {
  [ -n "${crasher:-}" ] || return 0
  local victim effects
  touch "$state/calm"
  wait "$crasher"
  crasher=
  effects=$(wc -l <"$state/effects")
  for victim in host "$@"; do
    expect "kills of $victim, one after each effect" "$effects" "$(grep -cx "$victim" "$state/killed")"
  done
  expect "effects that were made twice" "" "$(find "$state/host" -name effects.log -exec cat {} + | sort | uniq -d)"
}

stop_serving() {
  [ -n "${keeper:-}" ] || return 0
  kill -TERM "$keeper" 2>/dev/null && wait "$keeper" 2>/dev/null || true
  keeper=
}

clean_up() {
  local status=$?
  touch "$state/calm"
  [ -z "${crasher:-}" ] || wait "$crasher" 2>/dev/null || true
  stop_serving
  if [ -z "${keep:-}" ]; then rm -rf "$state"; fi
  exit "$status"
}

# What is left once everything was deleted and the host was stopped: nothing.
expect_nothing_left() { expect "processes left" 0 "$(ours $(ps -eo pid=) | wc -l)"; }
