import asyncio
import unittest

from postgres_migrate.runs import RUNS_MAX, Runs, failed
from postgres_migrate.ttrpc import Refusal


async def hang(report):
    await asyncio.Event().wait()


class RunsTests(unittest.IsolatedAsyncioTestCase):
    async def test_what_is_handed_over_has_not_ended(self):
        runs = Runs()
        run = runs.start(("a", 1), hang)
        await runs.stop()
        self.assertTrue(run.work.cancelled())
        self.assertFalse(run.has_ended)
        with self.assertRaises(Refusal) as caught:
            runs.start(("b", 1), hang)
        self.assertEqual(caught.exception.reason, "ShuttingDown")

    async def test_tasks_at_once_are_bounded(self):
        runs = Runs()
        for attempt in range(RUNS_MAX):
            runs.start(("a", attempt), hang)
        with self.assertRaises(Refusal) as caught:
            runs.start(("b", 1), hang)
        self.assertEqual(caught.exception.reason, "TooManyTasks")
        runs.forget({"a"})
        runs.start(("b", 1), hang)
        await runs.stop()

    async def test_work_that_raises_has_failed(self):
        async def breaks(report):
            raise KeyError("x")

        async def fails(report):
            report("half", 50)
            return failed("Reason", "text", transient=True)

        runs = Runs()
        for key, work, reason in [(("a", 1), breaks, "UnhandledError"), (("b", 1), fails, "Reason")]:
            runs.start(key, work)
            cursor = 0
            while not runs.find(key).has_ended:
                cursor = (await runs.wait(cursor, 60)).cursor
            self.assertEqual(runs.find(key).reply.failed.reason, reason)
