#!/usr/bin/env bash
# A kind of one's own: a PostgreSQL database from YAML to Running, migrated, updated, deleted; each claim
# is checked with psql.
#   examples/postgres/demo.sh STAGE [--crash]
# --crash kills the host, every plugin and the driver with kill -9, one after the other, after every
# effect that the effect logs show, and in the middle of a migration. Exits 0 only if everything held.
set -euo pipefail

stage=$(realpath "$1")
crash=${2:-}
here=$(dirname "$(realpath "$0")")
examples=$here/../../build/examples/plugins
. "$here/../demo.bash"
trap clean_up EXIT
database() { mortise get postgresdatabase shop -o "jsonpath=$1"; }
# The password is asked for on every connection, so the client is told it, too.
sql() { PGPASSWORD=$(<"$state/shop.password") psql -XqAtw -h "$address" -p "$port" -U shop shop -c "$1"; }
# The example's manifest, with this demo's paths in place of /etc/mortise.
manifest() { sed -e "s|/etc/mortise|$state|" -e "$1" "$here/database.yaml" >"$state/database.yaml"; }
started() { sql 'SELECT pg_postmaster_start_time()'; }
# The condition is taken down in the pass after the plan's end.
settled() { mortise wait postgresdatabase shop --for=condition=UpdateInProgress=False --timeout 120s; }
schema_is() { [ "$(database status.schema.version)" = "$1" ]; }
migrating() { [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")" = 1 ]; }
ledger() { sql "SELECT string_agg(name, ' ' ORDER BY version) FROM mortise.migrations"; }

step "A host with the plugins that ship and the two examples (state in $state)"
install -d "$state/migrations"
cp -R "$examples/http-health" "$examples/postgres-migrate" "$plugins/"
cp -R "$here/migrations" "$state/migrations/shop"
(umask 077 && head -c 24 /dev/urandom | base64 >"$state/shop.password")
cat >>"$plugins/postgres-migrate/plugin.yaml" <<CONFIG
config:
  directories: [$state/migrations]
  passwords:
    shop: {valueFrom: {file: $state/shop.password}}
CONFIG
keep_serving & keeper=$!
until_ready
mortise plugins
if [ -n "$crash" ]; then
  crash_after_every_effect workload sidecar local http-health postgres-migrate & crasher=$!
  held "from here on host, plugins and driver are killed after every effect"
fi

step "Apply examples/postgres/kind.yaml: the host learns a kind"
mortise apply -f "$here/kind.yaml"

step "Apply examples/postgres/database.yaml"
manifest ''
mortise apply -f "$state/database.yaml" --wait
expect "phase" Running "$(database status.phase)"
address=$(database status.service.address)
port=$(database status.service.port)
expect "the ledger at $address:$port" "0001_products.sql 0002_orders.sql" "$(ledger)"
expect "max_connections, as the server says" 40 "$(sql 'SHOW max_connections')"
sql "INSERT INTO products (name, price) VALUES ('mortise gauge', 38.50)"
first_start=$(started)

step "Raise the schema's version: the server goes on, the rows stay"
manifest 's/version: 2/version: 3/'
if [ -n "$crash" ]; then
  echo 'SELECT pg_sleep(5);' >>"$state/migrations/shop/0003_stock.sql"
  mortise apply -f "$state/database.yaml"
  patiently 60 "the third migration under way" migrating
  kill -KILL "$(pid_of_plugin postgres-migrate)" "$(pgrep -P "$keeper" -x mortise)"
  patiently 120 "schema 3" schema_is 3
else
  mortise apply -f "$state/database.yaml" --wait
fi
settled
expect "reason" UpdateComplete "$(reason_of postgresdatabase shop UpdateInProgress)"
expect "schema" 3 "$(database status.schema.version)"
expect "the ledger" "0001_products.sql 0002_orders.sql 0003_stock.sql" "$(ledger)"
expect "the row, with its new column" "mortise gauge|38.50|0" "$(sql 'SELECT name, price, stock FROM products')"
expect "the server's start" "$first_start" "$(started)"

step "A migration that is wrong: it leaves nothing, and the next one is taken"
printf '%s\n' 'CREATE TABLE half ();' 'ALTER TABLE nonsense ADD n int;' >"$state/migrations/shop/0004_supplier.sql"
manifest 's/version: 2/version: 4/'
if mortise apply -f "$state/database.yaml" --wait; then fail "the plan did not fail"; fi
settled
expect "reason" UpdateFailed "$(reason_of postgresdatabase shop UpdateInProgress)"
expect "the half of it" "" "$(sql "SELECT to_regclass('half')")"
echo 'ALTER TABLE products ADD supplier text;' >"$state/migrations/shop/0004_supplier.sql"
mortise replan postgresdatabase shop
patiently 120 "schema 4" schema_is 4
held "schema: 4"

step "Other settings: another pod, the same rows"
manifest 's/version: 2/version: 4/; s/max_connections: 40/max_connections: 50/'
mortise apply -f "$state/database.yaml" --wait
settled
expect "reason" UpdateComplete "$(reason_of postgresdatabase shop UpdateInProgress)"
expect "max_connections, as the server says" 50 "$(sql 'SHOW max_connections')"
[ "$(started)" != "$first_start" ] || fail "the server was not replaced"
held "the server was replaced"
expect "the row" "mortise gauge|38.50|0|" "$(sql 'SELECT name, price, stock, supplier FROM products')"
expect "plans, the last one first" "update migrate init" "$(database status.history | tr -d ' \n' |
  grep -o '"name":"[a-z]*"' | cut -d '"' -f 4 | uniq | paste -sd ' ')"

step "Delete the database"
mortise delete postgresdatabase shop --wait
if sql 'SELECT 1' >/dev/null 2>&1; then fail "the service still answers"; fi
held "the service's address refuses connections"
expect "objects left in the store" 0 "$( (mortise get postgresdatabases -o name; mortise get intents -o name) | wc -l)"
end_crashes workload sidecar local http-health postgres-migrate
expect "files with the password, beside its own" 0 \
  "$(grep -rlF -f "$state/shop.password" "$state" --exclude=shop.password | wc -l)"
stop_serving
expect_nothing_left
step "Everything held"
