"""What every plugin answers alike, whatever its task types do."""

import asyncio
import time

from .messages import methods, v1, value
from .runs import Runs
from .ttrpc import FAILED_PRECONDITION, UNIMPLEMENTED, Refusal

MAJOR = 1


class Session:
    """A connection: the first call on it must be Handshake."""

    def __init__(self):
        self.epoch = None


class Service:
    """Handlers, named as the protocol's methods are; `stop` is called when the host says Shutdown.

    A plugin adds Describe, Configure, Validate, Execute and Recover, and names its `task_types`.
    """

    task_types = ()

    def __init__(self, instance, stop):
        self.instance, self.stop = instance, stop
        self.runs = Runs()
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
            if hasattr(request, "type") and request.type not in self.task_types:
                raise Refusal(UNIMPLEMENTED, "UnknownTaskType", f"no task type \"{request.type}\" here")
            async with asyncio.timeout(remaining(request.call)):
                return await handler(request)

        return admitted

    def _check_epoch(self, epoch):
        if epoch < self.highest_epoch:
            raise Refusal(FAILED_PRECONDITION, "StaleHostEpoch",
                          f"host epoch {epoch} was replaced by {self.highest_epoch}; this host must stop")
        self.highest_epoch = epoch

    async def Handshake(self, session, request):
        if MAJOR not in request.protocol_majors:
            raise Refusal(FAILED_PRECONDITION, "NoCommonProtocol",
                          f"this plugin speaks major {MAJOR} of mortise.plugin, the host "
                          f"{list(request.protocol_majors)}")
        self._check_epoch(request.host_epoch)
        session.epoch = request.host_epoch
        return v1.HandshakeReply(
            protocol_major=MAJOR, plugin_instance=self.instance, nonce=request.nonce)

    async def Health(self, request):
        return v1.HealthReply(status=value("mortise.plugin.v1.HEALTH_STATUS_SERVING"))

    async def Updates(self, request):
        return await self.runs.wait(request.cursor, request.wait_ms / 1000)

    async def Shutdown(self, request):
        self.stop(request.grace_ms / 1000)
        return v1.ShutdownReply()

    async def Cancel(self, request):
        self.runs.cancel((request.task_id, request.attempt))
        return v1.CancelReply()

    async def Forget(self, request):
        self.runs.forget(set(request.task_ids))
        return v1.ForgetReply()


def remaining(call):
    """Seconds until the deadline that the message names; the envelope's timeout counts too."""
    return call.deadline_unix_ms / 1000 - time.time() if call.deadline_unix_ms else None


def finished(reply):
    return v1.RecoverReply(state=value("mortise.plugin.v1.RECOVERED_STATE_FINISHED"), reply=reply)
