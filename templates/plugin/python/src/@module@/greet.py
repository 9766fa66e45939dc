"""The task type: writes a greeting into a file, at once or after a while."""

import asyncio
import json

from .messages import v1
from .runs import failed

PARAMS_SCHEMA = {
    "type": "object",
    "required": ["file", "name"],
    "properties": {
        "file": {"type": "string", "pattern": "^/"},
        "name": {"type": "string", "minLength": 1},
        "seconds": {"type": "integer", "minimum": 0},
    },
}

OUTPUTS_SCHEMA = {
    "type": "object",
    "required": ["greeting"],
    "properties": {"greeting": {"type": "string"}},
}


class BadParams(Exception):
    pass


class Greeting:
    """Checked params, and the work that they ask for."""

    def __init__(self, encoded):
        try:
            given = json.loads(encoded)
            self.file, self.name = given["file"], given["name"]
            self.seconds = given.get("seconds", 0)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise BadParams(f"params: {type(error).__name__}: {error}") from error
        for name in ("file", "name"):
            if not isinstance(given[name], str) or not given[name]:
                raise BadParams(f"params.{name}: must be text")
        if not isinstance(self.seconds, int) or self.seconds < 0:
            raise BadParams("params.seconds: must be a number from 0 on")

    async def carry_out(self, report):
        await asyncio.sleep(self.seconds)
        greeting = f"Hello, {self.name}!"
        try:
            with open(self.file, "w", encoding="utf-8") as file:
                file.write(greeting)
        except OSError as error:
            return failed("WriteFailed", str(error), transient=True)
        return v1.TaskReply(
            complete=v1.Complete(outputs=json.dumps({"greeting": greeting}).encode()))
