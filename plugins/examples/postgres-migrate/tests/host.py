"""The calling side: a ttrpc client for tests, and a plugin that it can call."""

import asyncio
import contextlib
import os
import socket
import tempfile

from postgres_migrate import log
from postgres_migrate.messages import message, methods, v1, value
from postgres_migrate.plugin import Plugin
from postgres_migrate.service import Session
from postgres_migrate.ttrpc import HEADER, REQUEST, Request, Response, Server

# Nothing here waits that long unless it is broken.
PATIENCE = 60.0


class Refused(Exception):
    def __init__(self, status):
        super().__init__(status.message)
        self.code, self.message = status.code, status.message
        self.reason = message("google.rpc.ErrorInfo").FromString(status.details[0].value).reason


class Host:
    """Speaks to a plugin: `await host.Execute(task_id="a")` for any of its methods."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.stream, self.waiting, self.cursor, self.epoch = -1, {}, 0, 1
        self.listening = asyncio.create_task(self._listen())

    async def _listen(self):
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length, stream, _, _ = HEADER.unpack(await self.reader.readexactly(HEADER.size))
                envelope = Response.FromString(await self.reader.readexactly(length))
                self.waiting.pop(stream).set_result(envelope)
        for call in self.waiting.values():
            call.set_exception(ConnectionError("the plugin hung up"))

    def __getattr__(self, name):
        for service in ("mortise.plugin.v1.Plugin", "mortise.plugin.v1.Tasks"):
            if request := methods(service).get(name):
                reply = v1.TaskReply if name == "Execute" else getattr(v1, f"{name}Reply")
                return lambda **fields: self._call(service, name, request, reply, fields)
        raise AttributeError(name)

    async def _call(self, service, name, request, reply, fields):
        asked = request(**fields)
        if name != "Handshake":
            asked.call.host_epoch = self.epoch
        if self.listening.done():
            raise ConnectionError("the plugin has hung up")
        self.stream += 2
        stream, answer = self.stream, asyncio.get_running_loop().create_future()
        self.waiting[stream] = answer
        data = Request(service=service, method=name, payload=asked.SerializeToString()).SerializeToString()
        self.writer.write(HEADER.pack(len(data), stream, REQUEST, 0) + data)
        envelope = await asyncio.wait_for(answer, PATIENCE)
        if envelope.status.code:
            raise Refused(envelope.status)
        return reply.FromString(envelope.payload)

    async def news(self, task_id, wanted=lambda reply: reply.WhichOneof("outcome") != "running"):
        """The first reply of a task that Updates tells and that is wanted; by default its end."""
        while True:
            updates = await self.Updates(cursor=self.cursor, wait_ms=int(PATIENCE * 1000))
            assert updates.tasks, f"no news of {task_id}"
            self.cursor = updates.cursor
            for update in updates.tasks:
                if update.task_id == task_id and wanted(update.reply):
                    return update.reply


def state(name):
    return value(f"mortise.plugin.v1.RECOVERED_STATE_{name}")


class Callers:
    """Connections to a socket, closed together."""

    def __init__(self, path):
        self.path, self.writers = path, []

    async def open(self):
        reader, writer = await asyncio.open_unix_connection(self.path)
        self.writers.append(writer)
        return reader, writer

    async def connect(self, shake=True):
        host = Host(*await self.open())
        if shake:
            await host.Handshake(protocol_majors=[1], host_epoch=1, nonce="n")
        return host

    async def close(self):
        for writer in self.writers:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


@contextlib.asynccontextmanager
async def serving(config=b"{}"):
    """A configured plugin in this process, to be called."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "socket")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        plugin = Plugin("plugin-1", lambda grace: None)
        server = Server(plugin.routes(), Session, log)
        await server.serve(listener)
        callers = Callers(path)
        try:
            await (await callers.connect()).Configure(config=config)
            yield callers
        finally:
            await plugin.runs.stop()
            await callers.close()
            await server.close(PATIENCE)
