"""Runs a command beside a PostgreSQL server of its own: `with_server.py mortise conformance …`."""

import subprocess
import sys

from server import PostgresServer

server = PostgresServer()
try:
    server.sql("CREATE DATABASE conformance")
    done = subprocess.run(
        [*sys.argv[1:], "--set", f"host={server.folder}", "--set", "database=conformance"], check=False)
finally:
    server.stop()
sys.exit(done.returncode)
