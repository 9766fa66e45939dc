"""A PostgreSQL server of the tests' own."""

import os
import shutil
import subprocess
import tempfile

PASSWORD = "s3cret of the tests"
BIN = os.environ["POSTGRES"]


def unprivileged(command):
    """The server refuses to run as root. It ends with the tests, however they end."""
    user = ["--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *user, "--pdeathsig=QUIT", *command]


class PostgresServer:
    """Listens in a folder of its own, on no port; a password is asked for."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="mortise-postgres-")
        data, password = os.path.join(self.folder, "data"), os.path.join(self.folder, "password")
        with open(password, "w", encoding="utf-8") as file:
            file.write(PASSWORD)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
            shutil.chown(password, "postgres")
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        subprocess.run(
            unprivileged([f"{BIN}/initdb", "-D", data, "-U", "owner", "-A", "scram-sha-256",
                          "--pwfile", password, "--no-sync"]),
            check=True, capture_output=True, cwd="/", env=environment)
        self.process = subprocess.Popen(
            unprivileged([f"{BIN}/postgres", "-D", data, "-k", self.folder, "-c", "listen_addresses=",
                          "-c", "fsync=off"]),
            cwd="/", env=environment, stderr=subprocess.PIPE, text=True)
        self.lines = []
        for line in self.process.stderr:
            self.lines.append(line)
            if "ready to accept connections" in line:
                break
        else:
            raise RuntimeError("the server did not start:\n" + "".join(self.lines))
        # It must not stand still because nobody reads what it logs.
        self.log = tempfile.TemporaryFile()
        self.drain = subprocess.Popen(["cat"], stdin=self.process.stderr, stdout=self.log)
        self.process.stderr.close()

    def connection(self, database="postgres", user="owner"):
        return {"host": self.folder, "database": database, "user": user}

    def sql(self, text, database="postgres"):
        """What psql prints for it, as the owner; a wait for what never comes ends after a minute."""
        done = subprocess.run(
            ["/usr/bin/psql", "-XqAtw", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", "owner",
             "-d", database, "-c", text],
            env={"PGPASSWORD": PASSWORD, "PGOPTIONS": "-c statement_timeout=60s"}, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def stop(self):
        # An immediate shutdown: what it holds is thrown away.
        self.process.send_signal(subprocess.signal.SIGQUIT)
        self.process.wait()
        self.drain.wait()
        self.log.close()
        shutil.rmtree(self.folder)
