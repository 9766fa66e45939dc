#!/usr/bin/env bash
# Installs the Debian packages of the named sets, where they are missing.
#   deploy/dependencies.sh build|demo|test|protos|examples|bench...
set -euo pipefail

packages_of() {
  case "$1" in
    build) echo pkg-config libprotobuf-c-dev libsqlite3-dev libyaml-dev nettle-dev \
      libmicrohttpd-dev libcurl4-openssl-dev ;;
    demo) echo redis-server redis-tools procps ;;
    test) echo redis-server redis-tools procps golang-go golang-github-containerd-ttrpc-dev zsh fish ;;
    protos) echo protobuf-compiler protobuf-c-compiler python3-protobuf ;;
    examples) echo golang-go golang-github-containerd-ttrpc-dev gogoprotobuf protobuf-compiler \
      python3-protobuf postgresql-15 ;;
    bench) echo gcc golang-go golang-github-containerd-ttrpc-dev util-linux ;;
    *)
      echo "deploy/dependencies.sh: unknown set \"$1\" (build, demo, test, protos, examples, bench)" >&2
      exit 2
      ;;
  esac
}

command -v swift >/dev/null || {
  echo "Swift 6.3 is needed and not on the PATH: https://www.swift.org/install/linux/" >&2
  exit 1
}

wanted=()
for set in "$@"; do
  for package in $(packages_of "$set"); do wanted+=("$package"); done
done

missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' \
    || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ]; then
  as_root=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo)
else
  echo "These packages are missing and only root may install them. Run:" >&2
  echo "  sudo apt-get install ${missing[*]}" >&2
  exit 1
fi

echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q >/dev/null
# Debian's server package makes a cluster and starts it, unless it is told not to; only the programs
# are wanted here. Where the package is installed already, nothing is changed.
no_cluster=/etc/postgresql-common/createcluster.d/mortise.conf
if [[ " ${missing[*]} " == *" postgresql-15 "* ]]; then
  "${as_root[@]}" install -D -m 644 /dev/stdin $no_cluster <<<'create_main_cluster = false'
  trap '"${as_root[@]}" rm -f $no_cluster' EXIT
fi
"${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}" >/dev/null
