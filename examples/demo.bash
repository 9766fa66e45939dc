# What the demos share; sourced after `stage` is set. It makes a state directory with a host's socket,
# and a host that is started again when it is killed, as a service manager would.
state=$(mktemp -d "${TMPDIR:-/tmp}/mortise-demo.XXXXXX")
socket=$state/mortise.sock
plugins=$stage/plugins
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

# reason_of KIND NAME CONDITION
reason_of() {
  mortise get "$1" "$2" -o jsonpath=status.conditions | tr -d ' \n' |
    grep -o "\"type\":\"$3\"[^}]*" | grep -o '"reason":"[A-Za-z]*"' | cut -d '"' -f 4
}

serve() { exec "$stage/bin/mortise" --socket "$socket" serve --state "$state/host" --plugins "$plugins" >>"$state/host.log" 2>&1; }

keep_serving() {
  trap 'kill -TERM "$host" 2>/dev/null; wait "$host" 2>/dev/null; exit 0' TERM
  while true; do
    serve & host=$!
    wait "$host" || true
  done
}

all_ready() {
  mortise plugins -o json 2>/dev/null | tr -d ' \n' | grep -o '"state":"ready"' | wc -l |
    grep -qx "$(find "$plugins/" -mindepth 2 -maxdepth 2 -name plugin.yaml | wc -l)"
}
until_ready() { patiently 60 "the host and all its plugins ready" all_ready; }

pid_of_plugin() { mortise plugins -o json | tr -d ' \n' | grep -o "\"name\":\"$1\"[^}]*\"pid\":[0-9]*" | grep -o '[0-9]*$'; }

# kill_each VICTIM…: the host or a plugin, each once all the others are back.
kill_each() {
  local victim
  for victim in "$@"; do
    until_ready
    if [ "$victim" = host ]; then
      pkill -KILL -P "$keeper" -x mortise || true
    else
      kill -KILL "$(pid_of_plugin "$victim")" 2>/dev/null || true
    fi
    echo "$victim" >>"$state/killed"
  done
  until_ready
}

# crash_after_every_effect PLUGIN…: watches the effect logs, and kills the host and each of the plugins
# once for each new line.
crash_after_every_effect() {
  touch "$state/seen"
  while [ ! -e "$state/calm" ]; do
    find "$state/host" -name effects.log -exec cat {} + 2>/dev/null | sort -u >"$state/now" || true
    if ! comm -13 "$state/seen" "$state/now" | grep -q .; then
      sleep 0.02
      continue
    fi
    sort -u -o "$state/seen" "$state/seen" "$state/now"
    echo round >>"$state/rounds"
    kill_each host "$@"
  done
}

end_crashes() {
  [ -n "${crasher:-}" ] || return 0
  touch "$state/calm"
  wait "$crasher"
  crasher=
  held "$(wc -l <"$state/killed") kills in $(wc -l <"$state/rounds") rounds, over $(wc -l <"$state/seen") effects"
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
expect_nothing_left() {
  # grep fails where a process ends while it looks, and where it finds none.
  expect "processes left" 0 "$( (grep -lzF "$state/" /proc/[0-9]*/environ 2>/dev/null || true) | wc -l)"
}
