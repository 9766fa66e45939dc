"""The process: what the host hands over, and how it ends."""

import argparse
import asyncio
import os
import signal
import socket
import sys
import uuid

from . import log
from .plugin import NAME, Plugin
from .service import Session
from .ttrpc import Server

DEFAULT_GRACE = 5.0


async def serve(listener, liveness=None):
    """Until Shutdown, SIGTERM or SIGINT, or until the host is gone."""
    loop = asyncio.get_running_loop()
    ending = loop.create_future()

    def stop(grace):
        if not ending.done():
            ending.set_result(grace)

    plugin = Plugin(str(uuid.uuid4()), stop)
    server = Server(plugin.routes(), Session, log)
    await server.serve(listener)
    if liveness is not None:
        # It never holds a byte: it becomes readable when the host is gone.
        os.set_blocking(liveness, False)
        loop.add_reader(liveness, stop, 0.0)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, DEFAULT_GRACE)
    grace = await ending
    if liveness is not None:
        loop.remove_reader(liveness)
    await plugin.runs.stop()
    await server.close(grace)


def main():
    parser = argparse.ArgumentParser(prog=NAME)
    parser.add_argument("--socket", metavar="PATH", help="listen there, to try the plugin without a host")
    options = parser.parse_args()
    try:
        if options.socket:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(options.socket)
            listener.listen()
        else:
            listener = socket.socket(fileno=descriptor("MORTISE_LISTEN_FD"))
        liveness = None if options.socket else descriptor("MORTISE_LIVENESS_FD")
    except (OSError, KeyError, ValueError) as error:
        sys.exit(f"{NAME}: {error}: this plugin is started by a Mortise host; "
                 "to try it alone: --socket PATH")
    asyncio.run(serve(listener, liveness))


def descriptor(variable):
    return int(os.environ[variable])
