"""Runs SQL through psql, PostgreSQL's own client: a process for each transaction."""

import asyncio
import json
import re
import secrets
import signal

from .migrations import Applied

PSQL = "/usr/bin/psql"
OUTPUT_MAX = 64 << 20
ERRORS_MAX = 16 << 10
CANCEL_GRACE = 5.0
# Holders of this advisory lock are the migrations of one database, one after the other.
LOCK = 0x6D6F7274697365
LOCK_PATIENCE = "3s"
# psql's words for an error, with VERBOSITY=verbose: "psql:<stdin>:7: ERROR:  42601: syntax error…",
# then the line, detail and hint, then the whole statement and where in the server it happened.
ERROR = re.compile(r"^psql:[^\n]*?: +\w+: +([0-9A-Z]{5}): (.*?)(?=\n(?:QUERY|CONTEXT|LOCATION): |\Z)",
                   re.MULTILINE | re.DOTALL)


class SQLError(Exception):
    """The server said no; `state` is its SQLSTATE. The transaction was rolled back."""

    def __init__(self, state, text):
        super().__init__(text)
        self.state, self.text = state, text

    @property
    def is_transient(self):
        """Serialization and deadlocks, resources, locks, an operator or the system: not the SQL."""
        return self.state[:2] in ("08", "40", "53", "57", "58") or self.state == "55P03"


class Disconnected(Exception):
    """No connection, or it was lost: whether a transaction in flight was committed is unknown."""


class Database:
    def __init__(self, connection, password, application):
        self.environment = {
            "LC_ALL": "C.UTF-8", "PGCONNECT_TIMEOUT": "3", "PGAPPNAME": application,
            "PGHOST": connection["host"], "PGPORT": str(connection.get("port", 5432)),
            "PGDATABASE": connection["database"], "PGUSER": connection["user"],
            "PGSSLMODE": connection.get("sslmode", "prefer"),
            "PGOPTIONS": "-c client_min_messages=warning",
        }
        # Not an argument, which every user may read; the environment is this user's alone.
        if password is not None:
            self.environment["PGPASSWORD"] = password

    async def ledger(self):
        """What was applied, once nobody applies any more.

        The lock makes the answer true: a transaction whose client is gone may still be committing.
        """
        output = await self._run(f"""
            BEGIN; SET LOCAL lock_timeout = '{LOCK_PATIENCE}';
            SELECT FROM pg_advisory_xact_lock({LOCK});
            SELECT to_regclass('mortise.migrations') IS NOT NULL AS present \\gset
            \\if :present
            SELECT coalesce(json_agg(row ORDER BY row.version), '[]') FROM (
              SELECT version, name, checksum, task_id, attempt FROM mortise.migrations) AS row;
            \\else
            \\echo []
            \\endif
            COMMIT;""")
        return [Applied(**row) for row in json.loads(output)]

    async def apply(self, migration, task_id, attempt):
        """One migration and its row of the ledger: both, or neither.

        The migration runs inside EXECUTE: it can't end the transaction that it is in, and psql does
        not look into it for commands of its own, which could start programs on this machine.
        """
        await self._run(f"""
            SELECT FROM set_config('client_connection_check_interval', '1s', false)
              WHERE current_setting('server_version_num')::int >= 140000;
            BEGIN; SELECT FROM pg_advisory_xact_lock({LOCK});
            CREATE SCHEMA IF NOT EXISTS mortise;
            CREATE TABLE IF NOT EXISTS mortise.migrations (
              version bigint PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
              task_id text NOT NULL, attempt bigint NOT NULL,
              applied_at timestamptz NOT NULL DEFAULT now());
            SELECT NOT EXISTS (
              SELECT FROM mortise.migrations WHERE version = {migration.version}) AS needed \\gset
            \\if :needed
            INSERT INTO mortise.migrations (version, name, checksum, task_id, attempt) VALUES (
              {migration.version}, {literal(migration.name)}, {literal(migration.checksum)},
              {literal(task_id)}, {attempt});
            DO {literal(f"BEGIN EXECUTE {literal(migration.sql)}; END")};
            \\endif
            COMMIT;""")

    async def _run(self, script):
        process = await asyncio.create_subprocess_exec(
            PSQL, "-XqAtw", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose", "-f", "-",
            env=self.environment, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE)
        try:
            _, output, errors = await asyncio.gather(
                _write(process.stdin, script), _read(process.stdout, OUTPUT_MAX),
                _read(process.stderr, ERRORS_MAX))
            code = await process.wait()
        except asyncio.CancelledError:
            # psql asks the server to cancel, and ends.
            await asyncio.shield(_end(process))
            raise
        text = errors.decode(errors="replace").strip()
        if code == 0:
            return output.decode()
        if code == 3 and (match := ERROR.search(text)):
            raise SQLError(match[1], f"{match[1]}: {match[2]}")
        if code == 2:
            raise Disconnected(text)
        raise RuntimeError(f"psql ended with {code}: {text}")


async def _end(process):
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
    try:
        await asyncio.wait_for(process.wait(), CANCEL_GRACE)
    except TimeoutError:
        process.kill()
        await process.wait()


async def _write(stream, script):
    try:
        stream.write(script.encode())
        await stream.drain()
    except ConnectionError:
        pass  # psql has ended; its exit code says why.
    stream.close()


async def _read(stream, limit):
    """The last `limit` bytes, whatever more there was."""
    kept = b""
    while chunk := await stream.read(1 << 16):
        kept = (kept + chunk)[-limit:]
    return kept


def literal(text):
    """A string of SQL in which nothing is special, to psql neither, because nobody knows its end."""
    tag = f"$m{secrets.token_hex(8)}$"
    return f"{tag}{text}{tag}"
