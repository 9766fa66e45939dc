"""The services that the host calls, as far as they are this plugin's own."""

import json

from .messages import v1, value
from .migrations import Problem
from .params import OUTPUTS_SCHEMA, PARAMS_SCHEMA, BadParams, Params, Settings
from .psql import Disconnected, SQLError
from .runs import RUNS_MAX, failed
from .service import Service, finished
from .task import Migration
from .ttrpc import INVALID_ARGUMENT, UNAVAILABLE, Refusal

NAME, VERSION = "postgres-migrate", "1.0.0"
TASK_TYPE, TASK_TYPE_VERSION = "postgres-migrate", "1.0.0"


class Plugin(Service):
    task_types = (TASK_TYPE,)

    def __init__(self, instance, stop):
        super().__init__(instance, stop)
        self.settings = Settings()

    # Plugin

    async def Describe(self, request):
        return v1.DescribeReply(name=NAME, version=VERSION, task_types=[v1.TaskTypeDescription(
            type=TASK_TYPE, version=TASK_TYPE_VERSION,
            params_schema=json.dumps(PARAMS_SCHEMA).encode(),
            outputs_schema=json.dumps(OUTPUTS_SCHEMA).encode(),
            acts=value("mortise.plugin.v1.ACTS_EXTERNALLY"),
            # The ledger makes it so: a version that it names is not applied again.
            idempotent=True, max_concurrent=RUNS_MAX, capabilities=["dryRun", "cancel"])])

    async def Configure(self, request):
        try:
            self.settings = Settings(json.loads(request.config or b"{}"))
        except (BadParams, ValueError) as error:
            raise Refusal(INVALID_ARGUMENT, "InvalidConfig", str(error)) from error
        return v1.ConfigureReply()

    # Tasks

    async def Validate(self, request):
        try:
            Params(request.params, self.settings).migrations()
        except (BadParams, Problem) as error:
            return v1.ValidateReply(problems=[str(error)])
        return v1.ValidateReply()

    async def Execute(self, request):
        if not request.task_id or not request.attempt:
            raise Refusal(INVALID_ARGUMENT, "MissingField", "task_id and attempt must be set")
        key = (request.task_id, request.attempt)
        if not request.dry_run and (known := self.runs.find(key)):
            return known.reply
        migration = self._migration(request)
        try:
            applied, rest = await self._look(migration)
        except Problem as problem:
            return failed(problem.reason, problem.text)
        except SQLError as error:
            return failed("LedgerUnreadable", error.text)
        if request.dry_run or not rest:
            return migration.outcome(applied, rest)
        return self.runs.start(key, migration.carry_out).reply

    async def Recover(self, request):
        """The ledger is asked, never a memory of this process alone: it knows what was committed."""
        key = (request.task_id, request.attempt)
        run = self.runs.find(key)
        if not run:
            migration = self._migration(request)
            try:
                applied, rest = await self._look(migration)
            except Problem as problem:
                return finished(failed(problem.reason, problem.text))
            except SQLError as error:
                # No verdict on the task: ask again.
                raise Refusal(UNAVAILABLE, "LedgerUnreadable", error.text) from error
            if not rest:
                return finished(migration.outcome(applied))
            if not migration.has_begun(applied):
                return v1.RecoverReply(state=value("mortise.plugin.v1.RECOVERED_STATE_NOT_STARTED"))
            # Some of it was committed before a process died: go on with the rest.
            run = self.runs.start(key, migration.carry_out)
        if run.has_ended:
            return finished(run.reply)
        return v1.RecoverReply(
            state=value("mortise.plugin.v1.RECOVERED_STATE_RUNNING"), reply=run.reply)

    def _migration(self, request):
        try:
            params = Params(request.params, self.settings)
            return Migration(params, self.settings, request.task_id, request.attempt)
        except BadParams as error:
            raise Refusal(INVALID_ARGUMENT, "InvalidParams", str(error)) from error

    async def _look(self, migration):
        """A server that can't be asked now is no verdict: nothing was done, the host calls again."""
        try:
            return await migration.look()
        except Disconnected as error:
            raise Refusal(UNAVAILABLE, "ServerUnavailable", str(error)) from error
        except SQLError as error:
            if not error.is_transient:
                raise
            raise Refusal(UNAVAILABLE, "ServerUnavailable", error.text) from error
