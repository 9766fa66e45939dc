"""What a blueprint writes, and what plugin.yaml lets through."""

import json
import os

from .migrations import Migration, check, read_directory

TEXT = {"type": "string", "minLength": 1}
VERSION = {"type": "integer", "minimum": 0, "maximum": 999999999}

# The host checks params against this before they are sent, but fills in no defaults.
PARAMS_SCHEMA = {
    "type": "object",
    "required": ["connection"],
    "properties": {
        "connection": {
            "type": "object",
            "required": ["host", "database", "user"],
            "properties": {
                "host": TEXT,
                "port": {"type": "integer", "minimum": 1, "maximum": 65535},
                "database": TEXT,
                "user": TEXT,
                "password": {**TEXT, "description": "The name of one in plugin.yaml, never the password."},
                "sslmode": {"type": "string", "enum": ["disable", "prefer", "require", "verify-full"]},
            },
        },
        "directory": {"type": "string", "pattern": "^/"},
        "migrations": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["version", "name", "sql"],
                "properties": {"version": {**VERSION, "minimum": 1}, "name": TEXT, "sql": {"type": "string"}},
            },
        },
        "target": VERSION,
    },
}

OUTPUTS_SCHEMA = {
    "type": "object",
    "required": ["version", "applied", "pending"],
    "properties": {
        "version": VERSION,
        "applied": {"type": "array", "items": {"type": "string"}},
        "pending": {"type": "array", "items": {"type": "string"}},
    },
}


class BadParams(Exception):
    pass


class Settings:
    """The `config` of plugin.yaml."""

    def __init__(self, config=None):
        config = config or {}
        unknown = set(config) - {"directories", "passwords"}
        if unknown:
            raise BadParams(f"config.{min(unknown)}: known are directories and passwords")
        self.directories = [os.path.realpath(path) for path in config.get("directories", [])]
        self.passwords = config.get("passwords", {})
        for name, password in self.passwords.items():
            # What it is instead is not told: it may be a secret in the wrong shape.
            if not isinstance(password, str):
                raise BadParams(f"config.passwords.{name}: must be text, as {{valueFrom: {{file: PATH}}}} gives it")

    def password(self, name):
        """The password of that name; none where none is named."""
        if name is None:
            return None
        if name not in self.passwords:
            raise BadParams(f"params.connection.password: plugin.yaml has no password \"{name}\"")
        return self.passwords[name]

    def allowed(self, directory):
        """Whoever writes a resource must not have this process read, and run, any file it may."""
        path = os.path.realpath(directory)
        if not any(os.path.commonpath([path, root]) == root for root in self.directories):
            raise BadParams(
                f"params.directory: {directory} is not below one of config.directories in plugin.yaml: "
                f"{', '.join(self.directories) or 'there are none'}")
        return path


class Params:
    """Checked params of postgres-migrate."""

    def __init__(self, encoded, settings):
        try:
            given = json.loads(encoded)
            self.connection = dict(given["connection"])
            for name in ("host", "database", "user"):
                if not isinstance(self.connection[name], str) or not self.connection[name]:
                    raise BadParams(f"params.connection.{name}: must be text")
            self.target = given.get("target")
            self.directory = given.get("directory")
            self.inline = given.get("migrations")
            if self.inline is not None:
                self.inline = [Migration(m["version"], m["name"], m["sql"]) for m in self.inline]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadParams(f"params: {type(error).__name__}: {error}") from error
        if (self.directory is None) == (self.inline is None):
            raise BadParams("params: give either directory or migrations")
        if self.directory is not None:
            self.directory = settings.allowed(self.directory)
        self.password = self.connection.pop("password", None)
        settings.password(self.password)

    def migrations(self):
        """Read anew each time; `Problem` where they are not in order."""
        if self.inline is not None:
            return check(self.inline, "params.migrations")
        return read_directory(self.directory)
