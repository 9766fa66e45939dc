import asyncio
import unittest

from postgres_migrate import ttrpc
from postgres_migrate.messages import message
from postgres_migrate.ttrpc import HEADER, Request, Response

from . import golden
from .host import Refused, serving


def frame(stream, envelope=b"", kind=ttrpc.REQUEST, flags=0):
    return HEADER.pack(len(envelope), stream, kind, flags) + envelope


def health(stream):
    return frame(stream, Request(
        service="mortise.plugin.v1.Plugin", method="Health").SerializeToString())


class GoldenTests(unittest.IsolatedAsyncioTestCase):
    def test_messages_are_read_and_written_byte_by_byte(self):
        count = 0
        for name, variant, encoded in golden.messages():
            with self.subTest(name, variant=variant):
                read = message(name).FromString(encoded)
                self.assertEqual(read.SerializeToString(deterministic=True), encoded)
                count += 1
        self.assertGreater(count, 90)

    def test_frames_are_read_and_written_byte_by_byte(self):
        for name in golden.CONVERSATIONS:
            for sender, data in golden.conversation(name):
                with self.subTest(name, sender=sender):
                    length, stream, kind, flags = HEADER.unpack(data[:HEADER.size])
                    body = data[HEADER.size:]
                    self.assertEqual(length, len(body))
                    if kind != ttrpc.DATA:
                        envelope = (Request if kind == ttrpc.REQUEST else Response).FromString(body)
                        self.assertEqual(envelope.SerializeToString(), body)
                    self.assertEqual(frame(stream, body, kind, flags), data)

    async def test_unary_conversations_are_answered_byte_by_byte(self):
        for name in ("handshake.hex", "error.hex", "even-stream.hex", "unknown-method.hex"):
            frames = golden.conversation(name)
            wanted = b"".join(data for sender, data in frames if sender == "<")
            async with serving() as plugin:
                reader, writer = await plugin.open()
                writer.write(b"".join(data for sender, data in frames if sender == ">"))
                with self.subTest(name):
                    self.assertEqual(await reader.readexactly(len(wanted)), wanted)
                writer.close()
                await writer.wait_closed()


class FrameTests(unittest.IsolatedAsyncioTestCase):
    """Rows of PROTOCOL.md's tables, as bytes."""

    async def exchange(self, sent, answers):
        """What comes back: [(stream, reason or "" for a reply)]."""
        async with serving() as plugin:
            reader, writer = await plugin.open()
            writer.write(sent)
            found = []
            for _ in range(answers):
                length, stream, kind, flags = HEADER.unpack(await reader.readexactly(HEADER.size))
                self.assertEqual((kind, flags), (ttrpc.RESPONSE, 0))
                status = Response.FromString(await reader.readexactly(length)).status
                info = message("google.rpc.ErrorInfo").FromString(
                    status.details[0].value if status.details else b"")
                found.append((stream, info.reason))
            return found

    async def test_refusals(self):
        rows = {
            "StreamIDNotOdd": frame(2),
            "ClientStreaming": frame(1, flags=ttrpc.REMOTE_OPEN),
            "MalformedRequest": frame(1, b"\xff"),
            "UnknownMethod": frame(1),
            "UnknownStream": frame(7, kind=ttrpc.DATA),
        }
        for reason, sent in rows.items():
            with self.subTest(reason):
                stream = HEADER.unpack(sent[:HEADER.size])[1]
                # The connection goes on: the last frame is answered too.
                self.assertEqual(
                    sorted(await self.exchange(sent + health(99), 2)),
                    sorted([(stream, reason), (99, "HandshakeRequired")]))

    async def test_streams_rise(self):
        self.assertEqual(
            sorted(await self.exchange(health(5) + health(9) + health(7), 3)),
            [(5, "HandshakeRequired"), (7, "StreamIDNotRising"), (9, "HandshakeRequired")])

    async def test_ignored_frames(self):
        ignored = (frame(1, kind=ttrpc.RESPONSE) + frame(1, kind=77)
                   + health(1) + frame(1, kind=ttrpc.DATA, flags=ttrpc.NO_DATA))
        self.assertEqual(await self.exchange(ignored, 1), [(1, "HandshakeRequired")])

    async def test_a_long_frame_is_discarded_and_a_longer_one_is_the_end(self):
        long = frame(1, bytes(ttrpc.DATA_MAX + 1))
        self.assertEqual(
            await self.exchange(long + health(3), 2), [(1, "FrameTooLarge"), (3, "HandshakeRequired")])
        with self.assertRaises(asyncio.IncompleteReadError):
            await self.exchange(HEADER.pack(ttrpc.DISCARD_MAX + 1, 1, ttrpc.REQUEST, 0), 1)

    async def test_split_at_each_byte(self):
        frames = golden.conversation("handshake.hex")
        sent, wanted = frames[0][1], frames[1][1]
        async with serving() as plugin:
            for cut in range(1, len(sent)):
                reader, writer = await plugin.open()
                writer.write(sent[:cut])
                await writer.drain()
                writer.write(sent[cut:])
                self.assertEqual(await reader.readexactly(len(wanted)), wanted)
                writer.close()
                await writer.wait_closed()


class SessionTests(unittest.IsolatedAsyncioTestCase):
    async def refused(self, call):
        with self.assertRaises(Refused) as caught:
            await call
        return caught.exception.code, caught.exception.reason

    async def test_handshake_comes_first_on_each_connection(self):
        async with serving() as plugin:
            await plugin.connect()
            stranger = await plugin.connect(shake=False)
            required = ttrpc.FAILED_PRECONDITION, "HandshakeRequired"
            self.assertEqual(await self.refused(stranger.Describe()), required)
            self.assertEqual(
                await self.refused(stranger.Handshake(protocol_majors=[2])),
                (ttrpc.FAILED_PRECONDITION, "NoCommonProtocol"))

    async def test_a_replaced_host_is_refused(self):
        async with serving() as plugin:
            old, new = await plugin.connect(), await plugin.connect(shake=False)
            await new.Handshake(protocol_majors=[1, 2], host_epoch=2)
            stale = ttrpc.FAILED_PRECONDITION, "StaleHostEpoch"
            self.assertEqual(await self.refused(old.Health()), stale)
            again = await plugin.connect(shake=False)
            self.assertEqual(
                await self.refused(again.Handshake(protocol_majors=[1], host_epoch=1)), stale)

    async def test_a_deadline_in_the_message_counts(self):
        async with serving() as plugin:
            host = await plugin.connect()
            with self.assertRaises(Refused) as caught:
                await host.Updates(call={"deadline_unix_ms": 1}, wait_ms=60_000)
            self.assertEqual(caught.exception.reason, "DeadlineExceeded")

    async def test_updates_of_another_process(self):
        async with serving() as plugin:
            host = await plugin.connect()
            updates = await host.Updates(cursor=7, wait_ms=60_000)
            self.assertTrue(updates.reset)
            self.assertFalse((await host.Updates(cursor=updates.cursor)).reset)
