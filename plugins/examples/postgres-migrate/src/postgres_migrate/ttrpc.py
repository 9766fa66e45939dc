"""A ttrpc server for unary methods: frames, envelopes, deadlines, refusals.

What a frame means and which refusal answers a bad one is in proto/PROTOCOL.md; names and limits
here are that page's.
"""

import asyncio
import contextlib
import os
import socket
import struct

from .messages import message

REQUEST, RESPONSE, DATA = 1, 2, 3
REMOTE_CLOSED, REMOTE_OPEN, NO_DATA = 1, 2, 4
HEADER = struct.Struct(">IIBB")
DATA_MAX = 4 << 20
DISCARD_MAX = (16 << 20) - 1
CALLS_MAX = 1024
CONNECTIONS_MAX = 64

(INVALID_ARGUMENT, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, FAILED_PRECONDITION, UNIMPLEMENTED,
 INTERNAL, UNAVAILABLE) = 3, 4, 8, 9, 12, 13, 14

Request, Response = message("ttrpc.Request"), message("ttrpc.Response")
ErrorInfo = message("google.rpc.ErrorInfo")


class Refusal(Exception):
    """An answer that is an error: google.rpc's code, the stable reason, words for people."""

    def __init__(self, code, reason, text):
        super().__init__(text)
        self.code, self.reason, self.text = code, reason, text


def response(reply=None, refusal=None):
    """The envelope of an answer, encoded."""
    envelope = Response()
    if refusal is None:
        envelope.payload = reply.SerializeToString()
    else:
        envelope.status.code = refusal.code
        envelope.status.message = refusal.text
        detail = envelope.status.details.add()
        detail.type_url = "type.googleapis.com/google.rpc.ErrorInfo"
        detail.value = ErrorInfo(reason=refusal.reason, domain="mortise").SerializeToString()
    return envelope.SerializeToString()


class Server:
    """Serves `routes`, {(service, method): (request class, async handler(session, request))}.

    `new_session` is called for each connection; what it returns is given to its handlers.
    """

    def __init__(self, routes, new_session, log):
        self.routes, self.new_session, self.log = routes, new_session, log
        self.connections = set()
        self.listener = None

    async def serve(self, listener):
        self.listener = await asyncio.start_unix_server(self._accept, sock=listener, limit=DATA_MAX)

    async def close(self, grace):
        """Accepts nothing more and lets what is being answered be answered, within the grace."""
        self.listener.close()
        calls = [call for connection in self.connections for call in connection.calls]
        if calls:
            await asyncio.wait(calls, timeout=grace)
        for connection in list(self.connections):
            connection.writer.close()
            with contextlib.suppress(ConnectionError):
                await connection.writer.wait_closed()

    async def _accept(self, reader, writer):
        peer = writer.get_extra_info("socket").getsockopt(
            socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        user = struct.unpack("3i", peer)[1]
        if user not in (0, os.geteuid()) or len(self.connections) >= CONNECTIONS_MAX:
            self.log.warning("a connection was refused", user=user)
            writer.close()
            return
        connection = Connection(self, reader, writer)
        self.connections.add(connection)
        try:
            await connection.run()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # The host is free to hang up, in the middle of a frame too.
        finally:
            self.connections.discard(connection)
            for call in connection.calls:
                call.cancel()
            writer.close()


class Connection:
    def __init__(self, server, reader, writer):
        self.server, self.reader, self.writer = server, reader, writer
        self.session = server.new_session()
        self.calls = set()
        self.open = {}
        self.highest = 0

    async def run(self):
        while True:
            length, stream, kind, flags = HEADER.unpack(await self.reader.readexactly(HEADER.size))
            if length > DISCARD_MAX:
                self.server.log.warning("no frame is that long; hanging up", length=length)
                return
            if length > DATA_MAX:
                await self._discard(length)
                self.refuse(stream, Refusal(
                    RESOURCE_EXHAUSTED, "FrameTooLarge", f"{length} bytes are more than {DATA_MAX}"))
                continue
            data = await self.reader.readexactly(length)
            try:
                self._take(stream, kind, flags, data)
            except Refusal as refusal:
                self.refuse(stream, refusal)
            # A host that doesn't read is not read from.
            await self.writer.drain()

    async def _discard(self, length):
        while length > 0:
            length -= len(await self.reader.readexactly(min(length, 1 << 16)))

    def _take(self, stream, kind, flags, data):
        if kind == DATA:
            self._take_data(stream, flags)
        if kind != REQUEST:
            return
        if stream % 2 == 0:
            raise Refusal(INVALID_ARGUMENT, "StreamIDNotOdd",
                          f"a client's stream numbers are odd, not {stream}")
        if stream <= self.highest:
            self._end(stream)
            raise Refusal(INVALID_ARGUMENT, "StreamIDNotRising",
                          f"stream {stream} is not above {self.highest}")
        self.highest = stream
        if flags & REMOTE_OPEN:
            raise Refusal(UNIMPLEMENTED, "ClientStreaming", "no method takes a stream")
        try:
            envelope = Request.FromString(data)
        except Exception as error:
            raise Refusal(INVALID_ARGUMENT, "MalformedRequest", f"envelope: {error}") from error
        if len(self.calls) >= CALLS_MAX:
            raise Refusal(RESOURCE_EXHAUSTED, "TooManyCalls", f"{CALLS_MAX} calls are in flight")
        route = self.server.routes.get((envelope.service, envelope.method))
        if route is None:
            raise Refusal(UNIMPLEMENTED, "UnknownMethod",
                          f"no method {envelope.service}/{envelope.method} here")
        call = asyncio.create_task(self._answer(stream, envelope, *route))
        self.open[stream] = call
        self.calls.add(call)
        call.add_done_callback(self.calls.discard)

    def _take_data(self, stream, flags):
        if stream % 2 == 0 or stream > self.highest:
            raise Refusal(INVALID_ARGUMENT, "UnknownStream", f"stream {stream} was never opened")
        if stream in self.open and not flags & NO_DATA:
            self._end(stream)
            raise Refusal(INVALID_ARGUMENT, "DataAfterClose", f"stream {stream} takes no data")

    def _end(self, stream):
        """Forgets a call: its handler works on, its answer is dropped."""
        self.open.pop(stream, None)

    async def _answer(self, stream, envelope, request_class, handler):
        timeout = envelope.timeout_nano / 1e9 if envelope.timeout_nano > 0 else None
        try:
            try:
                request = request_class.FromString(envelope.payload)
            except Exception as error:
                raise Refusal(INVALID_ARGUMENT, "MalformedRequest", str(error)) from error
            async with asyncio.timeout(timeout):
                encoded = response(await handler(self.session, request))
            if len(encoded) > DATA_MAX:
                raise Refusal(RESOURCE_EXHAUSTED, "ReplyTooLarge", "the reply doesn't fit a frame")
        except Refusal as refusal:
            encoded = response(refusal=refusal)
        except TimeoutError:
            encoded = response(refusal=Refusal(
                DEADLINE_EXCEEDED, "DeadlineExceeded", "the call's time is over"))
        except Exception as error:
            self.server.log.fault("a handler failed", method=envelope.method, error=repr(error))
            encoded = response(refusal=Refusal(INTERNAL, "HandlerFailed", "see the plugin's log"))
        if self.open.pop(stream, None) is asyncio.current_task():
            self._send(stream, encoded)

    def refuse(self, stream, refusal):
        self._send(stream, response(refusal=refusal))

    def _send(self, stream, encoded):
        self.writer.write(HEADER.pack(len(encoded), stream, RESPONSE, 0) + encoded)
