"""The runner starts its children, starts them again, and leaves nothing behind."""

import math
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from catalog import life
from monitoring import running
from monitoring.running import Child, Listener, Runner

SLEEPS = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [sys.executable, "-c", """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(60)
"""]
# A main process with a child of its own in the same session, as a queue cluster is.
FAMILY = [sys.executable, "-c", """
import os, sys, time
if os.fork() == 0:
    time.sleep(60)
open(sys.argv[1], "w").write("up")
time.sleep(60)
"""]


def until(check, seconds=30):
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def members(session):
    """Processes of that session, from the process table."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(pid))
    return found


LIVELY = [sys.executable, "-c", """
import time
from catalog import life
while True:
    life.sign()
    time.sleep(0.05)
"""]


@pytest.fixture
def run():
    """A factory: a runner at work in a thread; stopped at the end of the test."""
    started = []

    def start(*children, grace_s=2):
        runner = Runner(list(children), grace_s=grace_s)
        thread = threading.Thread(target=runner.run)
        thread.start()
        started.append((runner, thread))
        until(lambda: all(child.is_running for child in children))
        return runner, thread

    yield start
    for runner, thread in started:
        runner.is_stopping = True
        thread.join()


def test_stopping_ends_every_child(run):
    first, second = Child("first", SLEEPS), Child("second", SLEEPS)
    runner, thread = run(first, second)

    runner.is_stopping = True
    thread.join(30)

    assert [first.is_running, second.is_running] == [False, False]


def test_dead_child_is_started_again(run):
    child = Child("child", SLEEPS)
    run(child)
    before = child.process.pid

    os.kill(before, signal.SIGKILL)

    until(lambda: child.is_running and child.process.pid != before)


def test_child_that_dies_at_once_is_given_longer_and_longer_pauses(run):
    child = Child("child", SLEEPS)
    run(child)
    first_pause_ends = child.rest_until
    os.kill(child.process.pid, signal.SIGKILL)
    until(lambda: child.restarts == 1 and child.is_running)

    assert child.started_at >= first_pause_ends
    assert child.rest_until >= first_pause_ends + 2


def test_stubborn_child_is_killed_after_the_grace(run, tmp_path):
    child = Child("child", STUBBORN, log=tmp_path / "child.log")
    runner, thread = run(child, grace_s=0.5)
    until(lambda: "deaf" in (tmp_path / "child.log").read_text())

    runner.is_stopping = True
    thread.join(30)

    assert child.process.returncode == -signal.SIGKILL


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="needs /proc to look at sessions")
def test_orphans_of_a_killed_main_process_are_cleared_away(run, tmp_path):
    child = Child("family", [*FAMILY, str(tmp_path / "up")])
    run(child)
    until((tmp_path / "up").exists)
    session = child.process.pid
    assert len(members(session)) == 2

    os.kill(session, signal.SIGKILL)

    until(lambda: child.restarts == 1)
    until(lambda: members(session) == [])  # killed, and it ends when the machine gets round to it


def test_silent_child_is_started_again(run, monkeypatch):
    monkeypatch.setattr(running, "PATIENCE_S", 0)
    monkeypatch.setattr(running, "WATCH_EVERY_S", 0.1)
    child = Child("child", SLEEPS, is_silent=lambda: True)
    run(child)
    before = child.process.pid

    until(lambda: child.process.pid != before)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc to see that it is frozen")
def test_frozen_child_is_started_again_and_its_silence_holds_up_nobody(run, monkeypatch):
    monkeypatch.setattr(running, "PATIENCE_S", 0)
    monkeypatch.setattr(running, "WATCH_EVERY_S", 0.1)
    ear = Listener()
    frozen, dying = Child("frozen", LIVELY, mouth=ear.mouth), Child("dying", SLEEPS)
    run(frozen, dying, grace_s=60)
    until(ear.hear)
    before, other = frozen.process.pid, dying.process.pid
    monkeypatch.setattr(running, "HANGS_AFTER_S", 0.3)

    os.kill(before, signal.SIGSTOP)
    frozen.is_silent = lambda: frozen.process.pid == before and ear.is_silent()
    until(lambda: frozen.killed_at < math.inf)
    os.kill(other, signal.SIGKILL)

    until(lambda: dying.process.pid != other)
    assert frozen.process.pid == before  # the frozen one still has its time to stop
    frozen.killed_at = 0
    until(lambda: frozen.process.pid != before)
    ear.hear()
    until(ear.hear)


def test_child_that_shows_life_is_left_alone(run, monkeypatch):
    monkeypatch.setattr(running, "PATIENCE_S", 0)
    monkeypatch.setattr(running, "WATCH_EVERY_S", 0.05)
    ear, looks = Listener(), []
    child = Child("child", LIVELY, mouth=ear.mouth)
    run(child)
    until(ear.hear)
    before = child.process.pid
    monkeypatch.setattr(running, "HANGS_AFTER_S", 20)

    child.is_silent = lambda: looks.append(ear.is_silent())
    until(lambda: len(looks) >= 5)

    assert (set(looks), child.process.pid) == ({False}, before)


def test_signs_that_nobody_hears_do_not_hold_up_whoever_gives_them(monkeypatch):
    ear = Listener()
    monkeypatch.setenv(life.PIPE, str(ear.mouth))

    for _ in range(100_000):
        life.sign()

    assert 0 < ear.hear() < 100_000


def test_output_goes_to_the_log(run, tmp_path):
    child = Child("child", [sys.executable, "-c", "import time; print('hello', flush=True); time.sleep(60)"],
                  log=tmp_path / "child.log")
    run(child)

    until(lambda: "hello" in (tmp_path / "child.log").read_text())


def test_environment_is_added_to_ours(run, tmp_path):
    program = "import os, time; print(os.environ['Q_CLUSTER_NAME'], flush=True); time.sleep(60)"
    child = Child("child", [sys.executable, "-c", program], {"Q_CLUSTER_NAME": "catalog"}, log=tmp_path / "child.log")
    run(child)

    until(lambda: "catalog" in (tmp_path / "child.log").read_text())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_children_of_a_killed_runner_stop(tmp_path):
    program = f"""
from monitoring.running import Child, Runner
child = Child("child", {SLEEPS!r})
runner = Runner([child], grace_s=2)
runner.start()
print(child.process.pid, flush=True)
runner.run()
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as runner:
        session = int(runner.stdout.readline())
        assert members(session) == [session]

        runner.kill()

    until(lambda: members(session) == [])
