"""The task type against a real server."""

import asyncio
import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import tempfile
import unittest

from postgres_migrate import ttrpc

from .host import Callers, Refused, serving, state
from .server import PASSWORD, PostgresServer

EXECUTABLE = os.path.join(
    os.path.dirname(__file__),
    "../../../../build/examples/plugins/postgres-migrate/postgres-migrate-plugin")
numbers = itertools.count(1)


def setUpModule():
    global server
    server = PostgresServer()


def tearDownModule():
    server.stop()


def migration(version, sql):
    return {"version": version, "name": f"{version:04}_m.sql", "sql": sql}


TABLE = migration(1, "CREATE TABLE t (n int); INSERT INTO t VALUES (1);")
COLUMN = migration(2, "ALTER TABLE t ADD c text DEFAULT $$it's$$; UPDATE t SET c = c || ':x';")
HANGS = migration(2, "INSERT INTO t VALUES (2); SELECT pg_sleep(3600);")


class PostgresTests(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.database = f"d{next(numbers)}"
        server.sql(f"CREATE DATABASE {self.database}")
        self.plugin = await self.enterAsyncContext(serving(self.config()))
        self.host = await self.plugin.connect()

    def config(self):
        return json.dumps({"passwords": {"owner": PASSWORD}}).encode()

    def sql(self, text):
        return server.sql(text, self.database)

    def call(self, migrations, task="task", attempt=1, **more):
        connection = {**server.connection(self.database), "password": "owner"}
        connection.update(more.pop("connection", {}))
        fields = {name: more.pop(name) for name in ("dry_run",) if name in more}
        params = {"connection": connection, "migrations": migrations, **more}
        return {"task_id": task, "attempt": attempt, "type": "postgres-migrate",
                "params": json.dumps(params).encode(), **fields}

    async def run_to_end(self, call, host=None):
        host = host or self.host
        reply = await host.Execute(**call)
        if reply.WhichOneof("outcome") == "running":
            reply = await host.news(call["task_id"])
        return reply

    def outputs(self, reply):
        self.assertEqual(reply.WhichOneof("outcome"), "complete", reply)
        return json.loads(reply.complete.outputs)

    async def until_waiting(self, event):
        """Until a session of the database waits for that."""
        await asyncio.to_thread(self.sql, f"""DO $$ BEGIN
            WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = '{event}'
                AND datname = current_database() AND pid <> pg_backend_pid()) LOOP
              PERFORM pg_sleep(0.01);
              PERFORM pg_stat_clear_snapshot();
            END LOOP;
          END $$""")

    async def until_sleeping(self):
        """Until the migration that hangs is in the middle of its transaction."""
        await self.until_waiting("PgSleep")


class ApplyTests(PostgresTests):
    async def test_each_once_and_in_order(self):
        first = self.outputs(await self.run_to_end(self.call([COLUMN, TABLE])))
        self.assertEqual(first, {"version": 2, "applied": ["0001_m.sql", "0002_m.sql"], "pending": []})
        self.assertEqual(self.sql("SELECT n, c FROM t"), "1|it's:x")
        # What was told once is not told again.
        self.assertFalse((await self.host.Updates(cursor=self.host.cursor)).tasks)
        # The same delivery, and then another task: nothing is left to do.
        self.assertEqual(self.outputs(await self.run_to_end(self.call([COLUMN, TABLE]))), first)
        again = self.outputs(await self.run_to_end(self.call([COLUMN, TABLE], "other")))
        self.assertEqual(again, {"version": 2, "applied": [], "pending": []})
        self.assertEqual(
            self.sql("SELECT version, name, task_id, attempt FROM mortise.migrations ORDER BY 1"),
            "1|0001_m.sql|task|1\n2|0002_m.sql|task|1")

    async def test_up_to_the_target(self):
        self.assertEqual(self.outputs(await self.run_to_end(self.call([TABLE, COLUMN], target=1)))["version"], 1)
        back = await self.run_to_end(self.call([TABLE, COLUMN], "back", target=0))
        self.assertEqual(back.failed.reason, "VersionAhead")

    async def test_two_tasks_at_once(self):
        migrations = [migration(n, f"CREATE TABLE t{n} ()") for n in range(1, 6)]
        hosts = [await self.plugin.connect() for _ in range(3)]
        replies = await asyncio.gather(*(
            self.run_to_end(self.call(migrations, f"task-{number}"), host)
            for number, host in enumerate(hosts)))
        applied = [name for reply in replies for name in self.outputs(reply)["applied"]]
        self.assertEqual(sorted(applied), [m["name"] for m in migrations])

    async def test_a_dry_run_only_tells(self):
        reply = await self.host.Execute(**self.call([TABLE, COLUMN], dry_run=True))
        self.assertEqual(self.outputs(reply), {
            "version": 0, "applied": [], "pending": ["0001_m.sql", "0002_m.sql"]})
        self.assertEqual(self.sql("SELECT to_regnamespace('mortise') IS NULL"), "t")


class FailureTests(PostgresTests):
    async def test_a_failed_migration_leaves_nothing(self):
        bad = migration(2, "CREATE TABLE half (); SELECT nonsense;")
        reply = await self.run_to_end(self.call([TABLE, bad]))
        self.assertEqual((reply.failed.reason, reply.failed.transient), ("MigrationFailed", False))
        self.assertIn("0002_m.sql: 42703: ", reply.failed.message)
        self.assertEqual(self.sql("SELECT to_regclass('half') IS NULL"), "t")
        self.assertEqual(self.sql("SELECT max(version) FROM mortise.migrations"), "1")

    async def test_a_migration_cannot_end_its_transaction_nor_command_psql(self):
        with tempfile.TemporaryDirectory() as folder:
            trace = os.path.join(folder, "trace")
            for sql in ("CREATE TABLE half (); COMMIT;", f"CREATE TABLE half ();\n\\! touch {trace}\n",
                        "SELECT :version"):
                with self.subTest(sql):
                    reply = await self.run_to_end(self.call([migration(1, sql)], sql))
                    self.assertEqual(reply.failed.reason, "MigrationFailed")
                    self.assertEqual(self.sql("SELECT to_regclass('half') IS NULL"), "t")
            self.assertFalse(os.path.exists(trace))

    async def test_a_transient_error_says_so(self):
        raised = "DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$"
        reply = await self.run_to_end(self.call([migration(1, raised)]))
        self.assertTrue(reply.failed.transient, reply)

    async def test_a_server_that_cannot_be_asked_did_nothing(self):
        elsewhere = {"host": "/nowhere"}
        stranger = {"user": "stranger"}
        for connection in (elsewhere, stranger):
            with self.assertRaises(Refused) as caught:
                await self.host.Execute(**self.call([TABLE], connection=connection))
            self.assertEqual((caught.exception.code, caught.exception.reason),
                             (ttrpc.UNAVAILABLE, "ServerUnavailable"))
            self.assertNotIn(PASSWORD, caught.exception.message)

    async def test_a_lost_connection_is_looked_after(self):
        reply = await self.host.Execute(**self.call([TABLE, HANGS]))
        await self.until_sleeping()
        self.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
        gone = await self.host.news("task", lambda r: "is gone" in r.running.progress.message)
        self.assertNotIn(PASSWORD, str(gone))
        # It tries the second migration again, which was rolled back.
        await self.until_sleeping()
        self.assertEqual(self.sql("SELECT count(*) FROM t"), "1")
        self.assertEqual(reply.WhichOneof("outcome"), "running")

    async def test_cancel(self):
        call = self.call([TABLE, HANGS])
        await self.host.Execute(**call)
        await self.until_sleeping()
        await self.host.Cancel(task_id="task", attempt=1)
        self.assertEqual((await self.host.news("task")).failed.reason, "Cancelled")
        self.assertEqual(self.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"), "0")
        self.assertEqual(self.sql("SELECT max(version) FROM mortise.migrations"), "1")
        # Cancelled before its first step: the end is told, too.
        await self.host.Execute(**self.call([TABLE, HANGS], "early"))
        await self.host.Cancel(task_id="early", attempt=1)
        self.assertEqual((await self.host.news("early")).failed.reason, "Cancelled")


class RecoverTests(PostgresTests):
    async def test_the_ledger_answers(self):
        call = self.call([TABLE, COLUMN])
        self.assertEqual((await self.host.Recover(**call)).state, state("NOT_STARTED"))
        self.outputs(await self.run_to_end(self.call([TABLE])))
        async with serving(self.config()) as other:
            host = await other.connect()
            finished = await host.Recover(**self.call([TABLE]))
            self.assertEqual(finished.state, state("FINISHED"))
            self.assertEqual(self.outputs(finished.reply)["applied"], ["0001_m.sql"])
            # Of this delivery the first migration is in the ledger: the rest is gone on with.
            self.assertEqual((await host.Recover(**call)).state, state("RUNNING"))
            self.assertEqual(self.outputs(await host.news("task"))["applied"], ["0001_m.sql", "0002_m.sql"])

    async def test_a_transaction_in_flight_is_waited_for(self):
        self.sql("CREATE TABLE gate (is_open bool); INSERT INTO gate VALUES (false)")
        call = self.call([migration(1, """CREATE TABLE t (); DO $$ BEGIN
            WHILE NOT (SELECT is_open FROM gate) LOOP PERFORM pg_sleep(0.01); END LOOP;
          END $$""")])
        await self.host.Execute(**call)
        await self.until_sleeping()
        # Its row can't be seen yet, but it will be committed: "not started" would be a lie.
        async with serving(self.config()) as other:
            asking = asyncio.create_task(self.settled(call, await other.connect()))
            waiting = asyncio.create_task(self.until_waiting("advisory"))
            await asyncio.wait([asking, waiting], return_when=asyncio.FIRST_COMPLETED)
            self.sql("UPDATE gate SET is_open = true")
            recovered = await asking
        self.assertEqual(recovered.state, state("FINISHED"))
        self.assertEqual(self.outputs(recovered.reply)["applied"], ["0001_m.sql"])

    async def settled(self, call, host):
        """Asks until the plugin can tell, as the host does."""
        while True:
            try:
                return await host.Recover(**call)
            except Refused as refused:
                self.assertEqual(refused.code, ttrpc.UNAVAILABLE)

    @contextlib.contextmanager
    def process(self):
        """The plugin as the host starts it, and its socket."""
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
            path = os.path.join(folder, "socket")
            listener.bind(path)
            listener.listen()
            ours, theirs = os.pipe()
            process = subprocess.Popen(
                [EXECUTABLE], pass_fds=[listener.fileno(), ours], start_new_session=True,
                env={"MORTISE_LISTEN_FD": str(listener.fileno()), "MORTISE_LIVENESS_FD": str(ours)})
            os.close(ours)
            try:
                yield process, Callers(path), theirs
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                os.close(theirs)

    async def introduced(self, callers):
        host = await callers.connect()
        await host.Configure(config=self.config())
        return host

    async def test_a_process_that_is_killed_in_the_middle(self):
        call = self.call([TABLE, HANGS])
        with self.process() as (process, callers, _):
            host = await self.introduced(callers)
            await host.Execute(**call)
            await self.until_sleeping()
            # With its group, as the host does it.
            os.killpg(process.pid, signal.SIGKILL)
            await callers.close()
        # Its first migration is committed; the second is rolled back once the server has noticed.
        self.assertEqual((await self.settled(call, self.host)).state, state("RUNNING"))
        await self.until_sleeping()
        self.assertEqual(self.sql("SELECT count(*) FROM t"), "1")

    async def test_it_ends_with_its_host_and_when_asked(self):
        with self.process() as (process, callers, theirs):
            host = await self.introduced(callers)
            await host.Execute(**self.call([TABLE, HANGS]))
            await self.until_sleeping()
            await host.Shutdown(grace_ms=5000)
            self.assertEqual(await asyncio.to_thread(process.wait), 0)
            await callers.close()
        with self.process() as (process, callers, theirs):
            await self.introduced(callers)
            # The host is gone when its end of the pipe is.
            with open(os.devnull) as nothing:
                os.dup2(nothing.fileno(), theirs)
            self.assertEqual(await asyncio.to_thread(process.wait), 0)
            await callers.close()
