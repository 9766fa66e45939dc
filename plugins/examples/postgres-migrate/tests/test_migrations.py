import os
import tempfile
import unittest

from postgres_migrate.migrations import Applied, Migration, Problem, check, pending, read_directory
from postgres_migrate.params import BadParams, Params, Settings
from postgres_migrate.psql import literal

ONE, TWO, THREE = (Migration(n, f"000{n}_m.sql", f"SELECT {n}") for n in (1, 2, 3))


def row(migration, checksum=None):
    return Applied(migration.version, migration.name, checksum or migration.checksum, "t", 1)


class PendingTests(unittest.TestCase):
    def test_what_is_left(self):
        for applied, target, wanted in [
            ([], None, [ONE, TWO, THREE]), ([], 0, []), ([], 2, [ONE, TWO]),
            ([row(ONE)], None, [TWO, THREE]), ([row(ONE), row(TWO)], 2, []),
            ([row(ONE), row(TWO), row(THREE)], None, []),
        ]:
            with self.subTest(applied=applied, target=target):
                self.assertEqual(pending([ONE, TWO, THREE], applied, target), wanted)

    def test_what_only_a_person_can_settle(self):
        for migrations, applied, target, reason in [
            ([ONE, TWO], [row(ONE), row(TWO)], 1, "VersionAhead"),
            ([ONE, TWO], [], 3, "VersionMissing"),
            ([TWO, THREE], [row(ONE)], None, "MigrationMissing"),
            ([ONE, TWO], [row(ONE, "other")], None, "MigrationChanged"),
            ([ONE, TWO, THREE], [row(ONE), row(THREE)], None, "MigrationOutOfOrder"),
        ]:
            with self.subTest(reason), self.assertRaises(Problem) as caught:
                pending(migrations, applied, target)
            self.assertEqual(caught.exception.reason, reason)

    def test_two_of_a_version(self):
        with self.assertRaises(Problem) as caught:
            check([ONE, Migration(1, "other", "")], "here")
        self.assertEqual(caught.exception.reason, "VersionTwice")


class DirectoryTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = folder.name

    def write(self, name, content=b"SELECT 1"):
        with open(os.path.join(self.path, name), "wb") as file:
            file.write(content)

    def test_files_by_version(self):
        self.write("0010_later.sql")
        self.write("2_early.sql")
        self.write("README")
        self.assertEqual([m.version for m in read_directory(self.path)], [2, 10])

    def test_unusable_files(self):
        for name, content, reason in [
            ("add_index.sql", b"", "MigrationMisnamed"), ("0_zero.sql", b"", "MigrationMisnamed"),
            ("1_x.sql", b"\xff", "MigrationUnreadable"),
        ]:
            self.write(name, content)
            with self.subTest(name), self.assertRaises(Problem) as caught:
                read_directory(self.path)
            self.assertEqual(caught.exception.reason, reason)
            os.remove(os.path.join(self.path, name))
        with self.assertRaises(Problem):
            read_directory(os.path.join(self.path, "nowhere"))


class ParamsTests(unittest.TestCase):
    CONNECTION = '"connection": {"host": "h", "database": "d", "user": "u"}'

    def problem(self, text, config=None):
        with self.assertRaises(BadParams) as caught:
            Params(text.encode(), Settings(config))
        return str(caught.exception)

    def test_paths_that_plugin_yaml_does_not_allow(self):
        config = {"directories": ["/srv/db"]}
        for directory in ("/srv", "/srv/db/../other", "/srv/dbase", "/etc"):
            text = f'{{{self.CONNECTION}, "directory": "{directory}"}}'
            self.assertIn("not below", self.problem(text, config), directory)
        Params(f'{{{self.CONNECTION}, "directory": "/srv/db/shop"}}'.encode(), Settings(config))

    def test_params_that_say_nothing(self):
        self.assertIn("either", self.problem(f"{{{self.CONNECTION}}}"))
        self.assertIn("connection", self.problem('{"migrations": []}'))
        self.assertIn("params", self.problem("{"))
        self.assertIn('no password "p"', self.problem(
            '{"connection": {"host": "h", "database": "d", "user": "u", "password": "p"}, "migrations": []}'))

    def test_settings(self):
        for config in ({"unknown": 1}, {"passwords": {"p": {"valueFrom": {"file": "/unresolved"}}}}):
            with self.subTest(config), self.assertRaises(BadParams):
                Settings(config)


class LiteralTests(unittest.TestCase):
    def test_nothing_ends_it_early(self):
        text = "a $$ ' \\ $m0123456789abcdef$"
        quoted = literal(text)
        tag = quoted[:quoted.index("$", 1) + 1]
        self.assertEqual(quoted, tag + text + tag)
        self.assertNotIn(tag, text)
