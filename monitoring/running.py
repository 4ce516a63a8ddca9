"""Runs the processes of Purser together: starts them, starts again what died or fell silent, stops them cleanly.

Each child has a session of its own and only its main process is signalled: a queue cluster whose workers get the signal too
loses the task in flight. What is left of a session after its main process has gone is killed, for orphaned workers would
go on taking tasks.
"""

import contextlib
import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE_S = 180  # how long a young child may be silent
WATCH_EVERY_S = 15
LONGEST_PAUSE_S = 30
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None

log = logging.getLogger(__name__)


@dataclass
class Child:
    """One process. `is_silent` tells that it hangs although it runs; what it prints goes to the file `log`, if given."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    is_silent: Callable[[], bool] | None = None
    log: Path | None = None
    process: subprocess.Popen | None = None
    started_at: float = 0.0
    restarts: int = 0
    rest_until: float = 0.0

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def start(self):
        """Start it in its own session."""
        with self.log.open("ab") if self.log else contextlib.nullcontext() as output:
            self.process = subprocess.Popen(  # noqa: S603 - the commands are ours
                self.command, env={**os.environ, **self.environment}, stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, start_new_session=True, preexec_fn=_stop_when_the_runner_dies)
        self.started_at = time.monotonic()

    def ask_to_stop(self):
        if self.is_running:
            self.process.terminate()

    def clear_away(self):
        """Kill whatever is left of its session, and reap it."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Runner:
    """Runs `children` until it is told to stop; gives them `grace_s` seconds then."""

    def __init__(self, children, *, grace_s):
        self.children = children
        self.grace_s = grace_s
        self.is_stopping = False

    def listen(self):
        """Let SIGINT, SIGTERM and SIGHUP ask for a stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def start(self):
        """Start every child that is not running and may be."""
        for child in self.children:
            self._keep_running(child)

    def run(self):
        """Start what is not running yet and look after it; comes back when told to stop, with everything stopped."""
        next_watch = time.monotonic() + WATCH_EVERY_S
        try:
            while not self.is_stopping:
                self.start()
                if time.monotonic() >= next_watch:
                    self._wake_the_silent()
                    next_watch = time.monotonic() + WATCH_EVERY_S
                time.sleep(0.2)
        finally:
            self.stop()

    def stop(self):
        """Ask every child to stop, wait for them together, and clear away what is left."""
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + self.grace_s
        while time.monotonic() < deadline and any(child.is_running for child in self.children):
            time.sleep(0.05)
        for child in self.children:
            if child.is_running:
                log.warning("%s did not stop in %s s and is killed", child.name, self.grace_s)
            child.clear_away()

    def _on_signal(self, number, frame):
        self.is_stopping = True

    def _keep_running(self, child):
        if child.is_running or time.monotonic() < child.rest_until:
            return
        if child.process is not None:
            log.warning("%s ended with status %s and is started again", child.name, child.process.returncode)
            child.clear_away()
            lived_s = time.monotonic() - child.started_at
            child.restarts = child.restarts + 1 if lived_s < PATIENCE_S else 1
        child.rest_until = time.monotonic() + min(2 ** child.restarts, LONGEST_PAUSE_S)
        child.start()

    def _wake_the_silent(self):
        for child in self.children:
            is_old_enough = time.monotonic() - child.started_at > PATIENCE_S
            if child.is_silent and child.is_running and is_old_enough and child.is_silent():
                log.error("%s shows no life and is started again", child.name)
                child.ask_to_stop()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(self.grace_s)
                child.clear_away()


def _stop_when_the_runner_dies():
    """Runs in the child: a runner that is killed must not leave processes that nobody looks after."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def manage(*arguments):
    """The command line of one of our own commands, run by this interpreter."""
    return [sys.executable, sys.argv[0], *arguments]
