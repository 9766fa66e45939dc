"""JSON lines on stderr, which the host keeps."""

import json
import sys


def write(level, message, **fields):
    sys.stderr.write(json.dumps({"level": level, "msg": message, **fields}) + "\n")
    sys.stderr.flush()


def info(message, **fields):
    write("info", message, **fields)


def warning(message, **fields):
    write("warning", message, **fields)


def fault(message, **fields):
    write("fault", message, **fields)
