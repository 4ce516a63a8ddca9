"""Real worker processes against the test's own database, to be killed where it hurts.

`start_worker()` starts `run_due --until-quiet` beside the test. With `crash_at` the process kills itself at one of the
points of `tests.crash_worker`; without, the test may kill it whenever it likes. The test must use
`django_db(transaction=True)`, since another process sees only what is committed.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 180


class WorkerProcess:
    """A started worker. Its output is kept in a file and shown when something unexpected happens."""

    def __init__(self, command, environment, log):
        self.log = log
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True)

    def wait_for_crash(self):
        """Wait until SIGKILL has ended it; fails if it ended in any other way."""
        status = self.process.wait(timeout=PATIENCE_S)
        assert status == -signal.SIGKILL, f"The worker ended with {status}, not by SIGKILL:\n{self.log.read_text()}"

    def wait_for_end(self):
        """Wait until it ends by itself; fails if it does not end well."""
        status = self.process.wait(timeout=PATIENCE_S)
        assert status == 0, f"The worker ended with {status}:\n{self.log.read_text()}"

    def kill_when(self, happened):
        """Kill it, and all its children, at the moment `happened()` becomes true."""
        deadline = time.monotonic() + PATIENCE_S
        while not happened():
            assert self.process.poll() is None, f"The worker ended too early:\n{self.log.read_text()}"
            assert time.monotonic() < deadline, f"It never happened:\n{self.log.read_text()}"
            time.sleep(0.005)
        self.kill()

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def start_worker(transactional_db, tmp_path):
    """A factory of WorkerProcess; what still runs when the test ends is killed."""
    started = []

    def start(*command, crash_at="none"):
        begin = ["manage.py"] if crash_at == "none" and "serve" not in command else ["-m", "tests.crash_worker", crash_at]
        line = [sys.executable, *begin, *(command or ("run_due", "--until-quiet"))]
        environment = {**os.environ, "DATABASE_URL": database_url(), "VAR_DIR": str(settings.VAR_DIR)}
        started.append(WorkerProcess(line, environment, tmp_path / f"worker-{len(started)}.log"))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()


def database_url():
    """The URL of the database this test really uses; its name differs from the one in the settings."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"
