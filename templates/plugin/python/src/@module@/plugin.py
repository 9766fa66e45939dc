"""The plugin: what it is called, and its one task type."""

import json

from .greet import OUTPUTS_SCHEMA, PARAMS_SCHEMA, BadParams, Greeting
from .messages import v1, value
from .service import Service, finished
from .ttrpc import INVALID_ARGUMENT, UNIMPLEMENTED, Refusal

NAME, VERSION = "@name@", "1.0.0"
TASK_TYPE = "@name@-greet"


class Plugin(Service):
    task_types = (TASK_TYPE,)

    async def Describe(self, request):
        return v1.DescribeReply(name=NAME, version=VERSION, task_types=[v1.TaskTypeDescription(
            type=TASK_TYPE, version="1.0.0",
            params_schema=json.dumps(PARAMS_SCHEMA).encode(),
            outputs_schema=json.dumps(OUTPUTS_SCHEMA).encode(),
            acts=value("mortise.plugin.v1.ACTS_EXTERNALLY"),
            # The same file with the same content, however often.
            idempotent=True, capabilities=["cancel"])])

    async def Configure(self, request):
        return v1.ConfigureReply()

    async def Validate(self, request):
        try:
            Greeting(request.params)
        except BadParams as error:
            return v1.ValidateReply(problems=[str(error)])
        return v1.ValidateReply()

    async def Execute(self, request):
        if request.dry_run:
            raise Refusal(UNIMPLEMENTED, "NoDryRun", "it can't show what it would do")
        if not request.task_id or not request.attempt:
            raise Refusal(INVALID_ARGUMENT, "MissingField", "task_id and attempt must be set")
        try:
            greeting = Greeting(request.params)
        except BadParams as error:
            raise Refusal(INVALID_ARGUMENT, "InvalidParams", str(error)) from error
        return self.runs.start((request.task_id, request.attempt), greeting.carry_out).reply

    async def Recover(self, request):
        """The runs of this process. Of an earlier one's it can't tell: an idempotent type is executed again."""
        run = self.runs.find((request.task_id, request.attempt))
        if run is None:
            return v1.RecoverReply(state=value("mortise.plugin.v1.RECOVERED_STATE_UNKNOWN"))
        if run.has_ended:
            return finished(run.reply)
        return v1.RecoverReply(
            state=value("mortise.plugin.v1.RECOVERED_STATE_RUNNING"), reply=run.reply)
