"""The services that the host calls."""

import asyncio
import json
import time

from .messages import methods, v1, value
from .migrations import Problem
from .params import OUTPUTS_SCHEMA, PARAMS_SCHEMA, BadParams, Params, Settings
from .psql import Disconnected, SQLError
from .runs import RUNS_MAX, Runs, failed
from .task import Migration
from .ttrpc import FAILED_PRECONDITION, INVALID_ARGUMENT, UNAVAILABLE, UNIMPLEMENTED, Refusal

NAME, VERSION = "postgres-migrate", "1.0.0"
TASK_TYPE, TASK_TYPE_VERSION = "postgres-migrate", "1.0.0"
MAJOR = 1


class Session:
    """A connection: the first call on it must be Handshake."""

    def __init__(self):
        self.epoch = None


class Plugin:
    """Handlers, named as the protocol's methods are; `stop` is called when the host says Shutdown."""

    def __init__(self, instance, stop):
        self.instance, self.stop = instance, stop
        self.runs = Runs()
        self.settings = Settings()
        self.highest_epoch = 0

    def routes(self):
        """What Server serves: each method of the two services that this class has."""
        return {
            (service, name): (request, self._admitting(name))
            for service in ("mortise.plugin.v1.Plugin", "mortise.plugin.v1.Tasks")
            for name, request in methods(service).items() if hasattr(self, name)
        }

    def _admitting(self, name):
        handler = getattr(self, name)

        async def admitted(session, request):
            if name == "Handshake":
                return await handler(session, request)
            if session.epoch is None:
                raise Refusal(FAILED_PRECONDITION, "HandshakeRequired", "Handshake comes first")
            self._check_epoch(request.call.host_epoch or session.epoch)
            if hasattr(request, "type") and request.type != TASK_TYPE:
                raise Refusal(UNIMPLEMENTED, "UnknownTaskType", f"no task type \"{request.type}\" here")
            async with asyncio.timeout(remaining(request.call)):
                return await handler(request)

        return admitted

    def _check_epoch(self, epoch):
        if epoch < self.highest_epoch:
            raise Refusal(FAILED_PRECONDITION, "StaleHostEpoch",
                          f"host epoch {epoch} was replaced by {self.highest_epoch}; this host must stop")
        self.highest_epoch = epoch

    # Plugin

    async def Handshake(self, session, request):
        if MAJOR not in request.protocol_majors:
            raise Refusal(FAILED_PRECONDITION, "NoCommonProtocol",
                          f"this plugin speaks major {MAJOR} of mortise.plugin, the host "
                          f"{list(request.protocol_majors)}")
        self._check_epoch(request.host_epoch)
        session.epoch = request.host_epoch
        return v1.HandshakeReply(
            protocol_major=MAJOR, plugin_instance=self.instance, nonce=request.nonce)

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

    async def Health(self, request):
        return v1.HealthReply(status=value("mortise.plugin.v1.HEALTH_STATUS_SERVING"))

    async def Updates(self, request):
        return await self.runs.wait(request.cursor, request.wait_ms / 1000)

    async def Shutdown(self, request):
        self.stop(request.grace_ms / 1000)
        return v1.ShutdownReply()

    # Tasks

    async def Validate(self, request):
        try:
            Params(request.params, self.settings).migrations()
        except (BadParams, Problem) as error:
            return v1.ValidateReply(problems=[str(error)])
        return v1.ValidateReply()

    async def Execute(self, request):
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

    async def Cancel(self, request):
        self.runs.cancel((request.task_id, request.attempt))
        return v1.CancelReply()

    async def Forget(self, request):
        self.runs.forget(set(request.task_ids))
        return v1.ForgetReply()

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


def remaining(call):
    """Seconds until the deadline that the message names; the envelope's timeout counts too."""
    return call.deadline_unix_ms / 1000 - time.time() if call.deadline_unix_ms else None


def finished(reply):
    return v1.RecoverReply(state=value("mortise.plugin.v1.RECOVERED_STATE_FINISHED"), reply=reply)
