"""The task type postgres-migrate: what Execute, Recover and a dry run do."""

import asyncio
import json

from .messages import v1
from .migrations import Problem, pending
from .psql import Database, Disconnected, SQLError
from .runs import failed

# Between looks for a server that went away in the middle.
RECONNECT_DELAY = 1.0


class Migration:
    """One delivery: its params, and its key for the ledger."""

    def __init__(self, params, settings, task_id, attempt):
        self.params, self.task_id, self.attempt = params, task_id, attempt
        self.database = Database(
            params.connection, settings.password(params.password), f"mortise {task_id}/{attempt}")

    async def look(self):
        """The ledger, and what is still to be applied."""
        migrations = await asyncio.to_thread(self.params.migrations)
        applied = await self.database.ledger()
        return applied, pending(migrations, applied, self.params.target)

    def has_begun(self, applied):
        return any((row.task_id, row.attempt) == (self.task_id, self.attempt) for row in applied)

    def outcome(self, applied, rest=()):
        """Complete, as the ledger has it: this task's part of it is told by its key."""
        mine = [row.name for row in applied
                if (row.task_id, row.attempt) == (self.task_id, self.attempt)]
        outputs = {"version": max((row.version for row in applied), default=0), "applied": mine,
                   "pending": [migration.name for migration in rest]}
        return v1.TaskReply(complete=v1.Complete(outputs=json.dumps(outputs).encode()))

    async def carry_out(self, report):
        """Applies what is pending, reading the ledger before each: it alone says what was done."""
        what = "the ledger"
        while True:
            try:
                applied, rest = await self.look()
                if not rest:
                    return self.outcome(applied)
                what, done = rest[0].name, len(applied)
                report(f"applying {what}", 100 * done // (done + len(rest)))
                await self.database.apply(rest[0], self.task_id, self.attempt)
            except Disconnected as error:
                report(f"the server is gone: {error}", 0)
                await asyncio.sleep(RECONNECT_DELAY)
            except Problem as problem:
                return failed(problem.reason, problem.text)
            except SQLError as error:
                return failed("MigrationFailed", f"{what}: {error.text}", error.is_transient)
