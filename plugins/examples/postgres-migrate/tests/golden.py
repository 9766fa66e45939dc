"""The files of proto/golden."""

import os

FOLDER = os.path.join(os.path.dirname(__file__), "../../../../proto/golden")
CONVERSATIONS = sorted(name for name in os.listdir(FOLDER) if name.endswith(".hex"))


def conversation(name):
    """The frames of a conversation: [(">" or "<", bytes)]."""
    frames = []
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        for line in file:
            if line[0] in "<>":
                frames.append((line[0], b""))
            elif digits := line.split("#")[0].strip():
                sender, data = frames[-1]
                frames[-1] = (sender, data + bytes.fromhex(digits))
    return frames


def messages():
    """Every message of the protocol as protobuf's own runtime encodes it: (name, variant, bytes)."""
    with open(os.path.join(FOLDER, "messages.txt"), encoding="utf-8") as file:
        for line in file:
            name, variant, digits = line.split()
            yield name, variant, b"" if digits == "-" else bytes.fromhex(digits)
