"""The tasks that this process has begun, and what the host has not heard of them yet."""

import asyncio
import time
from dataclasses import dataclass, field

from .messages import v1
from .ttrpc import RESOURCE_EXHAUSTED, UNAVAILABLE, Refusal

RUNS_MAX = 16
# Ends that are kept until the host forgets them; beyond it the oldest go, and Recover asks the database.
ENDS_MAX = 4096


def failed(reason, message, transient=False):
    return v1.TaskReply(failed=v1.Failed(reason=reason, message=message, transient=transient))


@dataclass
class Run:
    reply: object
    work: asyncio.Task = field(default=None)
    changed: int = 0

    @property
    def has_ended(self):
        return self.reply.WhichOneof("outcome") != "running"


class Runs:
    """Tells the present state of what changed after a cursor, so there is no queue to overflow."""

    def __init__(self, first=None):
        # Above every cursor that an earlier process gave out.
        self.first = self.last = first or time.time_ns() // 1000
        self.by_key = {}
        self.news = asyncio.Event()
        self.stopping = False

    def find(self, key):
        return self.by_key.get(key)

    def start(self, key, work):
        """Begins `work(report)`, or joins what has that key; `work` returns the task's last reply."""
        if key in self.by_key:
            return self.by_key[key]
        if self.stopping:
            raise Refusal(UNAVAILABLE, "ShuttingDown", "nothing was begun: the plugin is shutting down")
        live = sum(not run.has_ended for run in self.by_key.values())
        if live >= RUNS_MAX:
            raise Refusal(RESOURCE_EXHAUSTED, "TooManyTasks", f"nothing was begun: {live} tasks run already")
        run = self.by_key[key] = Run(v1.TaskReply(running=v1.Running()))

        def report(message, percent):
            progress = v1.Progress(message=message, percent=percent)
            self._set(key, run, v1.TaskReply(running=v1.Running(progress=progress)))

        def end(work):
            if work.cancelled():
                self._set(key, run, failed("Cancelled", "cancelled; what the ledger names stays applied"))
            elif error := work.exception():
                self._set(key, run, failed("UnhandledError", repr(error)))
            else:
                self._set(key, run, work.result())

        run.work = asyncio.create_task(work(report))
        run.work.add_done_callback(end)
        return run

    def _set(self, key, run, reply):
        if self.by_key.get(key) is not run or self.stopping:
            return
        self.last += 1
        run.reply, run.changed = reply, self.last
        ended = [k for k, other in self.by_key.items() if other.has_ended]
        if len(ended) > ENDS_MAX:
            del self.by_key[min(ended, key=lambda k: self.by_key[k].changed)]
        self._wake()

    def _wake(self):
        self.news.set()
        self.news = asyncio.Event()

    def cancel(self, key):
        """Asks a task to end; its end is told like any other."""
        run = self.by_key.get(key)
        if run and not run.has_ended:
            run.work.cancel()

    def forget(self, task_ids):
        for key in [key for key in self.by_key if key[0] in task_ids]:
            self.by_key.pop(key).work.cancel()

    async def stop(self):
        """Ends the work without a word: the host asks the next process, which asks the database."""
        self.stopping = True
        self._wake()
        works = [run.work for run in self.by_key.values() if not run.work.done()]
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)

    async def wait(self, cursor, patience):
        """Answers as soon as something changed after the cursor, else when the time is over."""
        deadline = asyncio.get_running_loop().time() + patience
        while True:
            reply, news = self._read(cursor), self.news
            if reply.reset or reply.tasks or self.stopping:
                return reply
            try:
                async with asyncio.timeout_at(deadline):
                    await news.wait()
            except TimeoutError:
                return reply

    def _read(self, cursor):
        is_foreign = cursor != 0 and not self.first <= cursor <= self.last
        reply = v1.UpdatesReply(cursor=self.last, reset=is_foreign)
        for (task_id, attempt), run in self.by_key.items():
            if run.changed > (0 if is_foreign else cursor):
                reply.tasks.add(task_id=task_id, attempt=attempt, reply=run.reply)
        return reply
