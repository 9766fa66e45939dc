"""Which migrations there are, and which of them a database still needs. No server, no clock."""

import hashlib
import os
import re
from dataclasses import dataclass

FILE = re.compile(r"(\d{1,9})_([A-Za-z0-9][A-Za-z0-9_.-]*)\.sql")
# Of one migration and of a directory; a migration travels in one statement.
BYTES_MAX = 16 << 20
COUNT_MAX = 10_000


class Problem(Exception):
    """Migrations and ledger don't fit, and trying again won't help. `reason` is stable."""

    def __init__(self, reason, text):
        super().__init__(text)
        self.reason, self.text = reason, text


@dataclass(frozen=True)
class Migration:
    version: int
    name: str
    sql: str

    @property
    def checksum(self):
        return hashlib.sha256(self.sql.encode()).hexdigest()


@dataclass(frozen=True)
class Applied:
    """A row of the ledger."""
    version: int
    name: str
    checksum: str
    task_id: str
    attempt: int


def read_directory(path):
    """All migrations of a directory, by version: files named VERSION_NAME.sql."""
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        raise Problem("DirectoryUnreadable", f"{path}: {error.strerror}") from error
    found = []
    for name in names:
        if not name.endswith(".sql"):
            continue
        match = FILE.fullmatch(name)
        if not match:
            raise Problem("MigrationMisnamed", f"{path}/{name}: must be named VERSION_NAME.sql, as 0007_add_index.sql")
        try:
            with open(os.path.join(path, name), encoding="utf-8") as file:
                sql = file.read(BYTES_MAX + 1)
        except (OSError, UnicodeDecodeError) as error:
            raise Problem("MigrationUnreadable", f"{path}/{name}: {error}") from error
        found.append(Migration(int(match[1]), name, sql))
    return check(found, path)


def check(migrations, source):
    """Sorted, and refused where two have one version, or one is too large."""
    by_version = {}
    for migration in migrations:
        other = by_version.setdefault(migration.version, migration)
        if other is not migration:
            raise Problem("VersionTwice", f"{source}: {other.name} and {migration.name} are both version {migration.version}")
        if migration.version < 1:
            raise Problem("MigrationMisnamed", f"{source}: {migration.name}: versions begin at 1")
        if len(migration.sql.encode()) > BYTES_MAX:
            raise Problem("MigrationTooLarge", f"{source}: {migration.name} has more than {BYTES_MAX} bytes")
    if len(by_version) > COUNT_MAX:
        raise Problem("TooManyMigrations", f"{source}: {len(by_version)} migrations, at most {COUNT_MAX}")
    return [by_version[version] for version in sorted(by_version)]


def pending(migrations, applied, target):
    """What is to be applied, in order, to bring a database with that ledger to the target.

    `target` None = the highest version there is. Refuses what only a person can settle.
    """
    known = {migration.version: migration for migration in migrations}
    if target is None:
        target = max(known, default=0)
    elif target != 0 and target not in known:
        raise Problem("VersionMissing", f"there is no migration of version {target}")
    for row in applied:
        migration = known.get(row.version)
        if row.version > target:
            raise Problem("VersionAhead", f"the database is at {row.version} ({row.name}), past {target}; "
                          "nothing goes backwards: write a migration that undoes it")
        if migration is None:
            raise Problem("MigrationMissing", f"{row.name} was applied, but there is no such migration any more")
        if migration.checksum != row.checksum:
            raise Problem("MigrationChanged", f"{migration.name} is not what was applied; "
                          "put it back, and write the change as a new migration")
    current = max((row.version for row in applied), default=0)
    done = {row.version for row in applied}
    wanted = [m for m in migrations if m.version <= target and m.version not in done]
    for migration in wanted:
        if migration.version < current:
            raise Problem("MigrationOutOfOrder", f"{migration.name} comes before {current}, which was applied "
                          "already; give it a higher version")
    return wanted
