"""What the demo needs around it: a folder of its own that can be written to, a free port, tables that fit."""

import contextlib
import ctypes
import fcntl
import os
import signal
import sys
import time

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory, NodeNotFoundError
from django.db.migrations.loader import MigrationLoader

from . import serving

PORT_FREES_IN_S = 12  # what a killed demo left goes by itself within this time
PR_SET_PDEATHSIG = 1


class Odd(Exception):
    """The demo cannot run here; the text says why and what to do."""


def end_with_make():
    """Under make: a make that is killed must not leave the demo behind."""
    if os.environ.get("MAKELEVEL") and sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


@contextlib.contextmanager
def folder_and_port():
    """Hold VAR_DIR for this demo alone, with PORT free. Raises Odd where that cannot be.

    The lock goes with the process, however it ends. Its file is emptied by whoever ends as it should: what is left in it
    tells the next start that a demo was killed, whose processes may need a moment to go.
    """
    with _lock() as lock:
        lock.seek(0)
        _wait_for_port(PORT_FREES_IN_S if lock.read() else 0)
        lock.write("running\n")
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


def prepare_tables():
    """Bring the database, new or of an older release, up to date. Raises Odd where it does not fit this release."""
    try:
        unknown = _of_another_release()
        if not unknown:
            call_command("migrate", verbosity=0)
            return
        reason = f"it was made by another release ({', '.join(unknown[:3])})"
    except (DatabaseError, InconsistentMigrationHistory, NodeNotFoundError) as error:
        reason = " ".join(str(error).split())[:200]
    raise Odd(f"The demo's database does not fit: {reason}. Delete the folder {settings.VAR_DIR} to begin anew.")


def _of_another_release():
    """Names of applied migrations that this release does not have."""
    loader = MigrationLoader(connection)
    ours = loader.migrated_apps
    return sorted(f"{app}.{name}" for app, name in loader.applied_migrations
                  if app in ours and (app, name) not in loader.disk_migrations and (app, name) not in _replaced(loader))


def _replaced(loader):
    return {key for migration in loader.disk_migrations.values() for key in migration.replaces}


def _lock():
    folder = settings.VAR_DIR
    try:
        (folder / "log").mkdir(parents=True, exist_ok=True)
        lock = (folder / "demo.lock").open("a+")
    except OSError as error:
        raise Odd(f"The demo cannot write to {folder}: {error.strerror}. Make it writable, or name another folder: "
                  "VAR_DIR=/tmp/purser make demo") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as taken:
        lock.close()
        raise Odd(f"A demo is running on {folder} already. Stop it first, or start another shop beside it: "
                  f"VAR_DIR=/tmp/purser make demo PORT={_free_after(settings.PORT)}") from taken
    return lock


def _wait_for_port(seconds):
    ends_at = time.monotonic() + seconds
    while not serving.is_free(settings.PORT):
        if time.monotonic() >= ends_at:
            raise Odd(f"Port {settings.PORT} is taken. Choose another one: make demo PORT={_free_after(settings.PORT)}")
        time.sleep(0.2)


def _free_after(port):
    return next((one for one in range(port + 1, min(port + 50, 65536)) if serving.is_free(one)), 8001)
