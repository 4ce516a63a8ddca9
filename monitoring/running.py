"""Runs the processes of Purser together: starts them, starts again what died or fell silent, stops them cleanly.

One that fell silent is told to stop and has the same time as at the end: what it can still finish, such as a purchase of
another of its threads, it finishes. Killing it is safe, by the leases of what it has in hand, but leaves outcomes unknown.

Each child has a session of its own and only its main process is signalled: a queue cluster whose workers get the signal too
loses the task in flight. What is left of a session after its main process has gone is killed, for orphaned workers would
go on taking tasks.
"""

import contextlib
import ctypes
import logging
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from catalog import life

PATIENCE_S = 180  # how long a young child may be silent
HANGS_AFTER_S = 180  # without a sign of life; the longest step between two, one purchase, takes 75 s
WATCH_EVERY_S = 15
LONGEST_PAUSE_S = 30
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None

log = logging.getLogger(__name__)


class Listener:
    """Hears the signs of life (`catalog.life`) of one child, whichever process that is at the time."""

    def __init__(self):
        self._ear, self.mouth = os.pipe()
        for end in (self._ear, self.mouth):
            os.set_blocking(end, False)
        self._heard_at = time.monotonic()

    def is_silent(self):
        """Whether the child has been without a sign of life for so long that it hangs."""
        if self.hear():
            self._heard_at = time.monotonic()
        return time.monotonic() - self._heard_at > HANGS_AFTER_S

    def hear(self):
        """How many signs have come since the last time, as far as the pipe could hold them."""
        try:
            return len(os.read(self._ear, 2 ** 20))
        except BlockingIOError:
            return 0


@dataclass
class Child:
    """One process. `is_silent` tells that it hangs although it runs, `mouth` is where it gives signs of life to a Listener;
    what it prints goes to the file `log`, if given.
    """

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    is_silent: Callable[[], bool] | None = None
    mouth: int | None = None
    log: Path | None = None
    process: subprocess.Popen | None = None
    started_at: float = 0.0
    restarts: int = 0
    rest_until: float = 0.0
    killed_at: float = math.inf

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def start(self):
        """Start it in its own session."""
        ways = {} if self.mouth is None else {life.PIPE: str(self.mouth)}
        with self.log.open("ab") if self.log else contextlib.nullcontext() as output:
            self.process = subprocess.Popen(  # noqa: S603 - the commands are ours
                self.command, env={**os.environ, **self.environment, **ways}, stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, start_new_session=True, preexec_fn=_stop_when_the_runner_dies,
                pass_fds=[self.mouth] if ways else ())
        self.started_at, self.killed_at = time.monotonic(), math.inf

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
        if child.is_running and time.monotonic() >= child.killed_at:
            child.clear_away()
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
            is_old_enough = time.monotonic() - child.started_at > PATIENCE_S and child.killed_at == math.inf
            if child.is_silent and child.is_running and is_old_enough and child.is_silent():
                log.error("%s shows no life and is started again", child.name)
                child.ask_to_stop()
                child.killed_at = time.monotonic() + self.grace_s  # meanwhile the others are looked after


def _stop_when_the_runner_dies():
    """Runs in the child: a runner that is killed must not leave processes that nobody looks after."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def manage(*arguments):
    """The command line of one of our own commands, run by this interpreter."""
    return [sys.executable, sys.argv[0], *arguments]
