"""Databases for tests: one in which all migrations have run is made in a run, and every other one is a copy of it."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests.environment import ENGINE

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """The URL of the migrated database. The first process of a run that wants it makes it; the others wait."""
    folder = tmp_path_factory.getbasetemp()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        folder = folder.parent
    known, user = folder / "template-url", folder / f"template-used-{worker}"
    with _locked(folder):
        if not known.exists():
            known.write_text(_migrated(folder))
        user.touch()
    yield known.read_text()
    with _locked(folder):
        user.unlink()
        if not list(folder.glob("template-used-*")):
            _drop(known.read_text())
            known.unlink()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, template, tmp_path_factory):
    """The database of this process. On SQLite it is a file, as with the product: threads then meet real locks."""
    url = _copy(template, tmp_path_factory.mktemp("database"))
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = _name(url)
    if ENGINE == "postgres":
        # Most tests are one transaction, which idles while they do other things, and on a busy machine for long.
        connection.settings_dict["OPTIONS"]["options"] += " -c idle_in_transaction_session_timeout=60000"
    yield
    with django_db_blocker.unblock():
        connection.close()
    _drop(url)


@pytest.fixture
def empty_database(tmp_path):
    """The URL of a database in which nothing has been created yet."""
    with _lent(_create(tmp_path)) as url:
        yield url


@pytest.fixture
def migrated_database(template, tmp_path):
    """The URL of a database in which all migrations have run and nothing else has."""
    with _lent(_copy(template, tmp_path)) as url:
        yield url


@contextlib.contextmanager
def _locked(folder):
    with (folder / "template-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _migrated(folder):
    url = _create(folder)
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env={**os.environ, "DATABASE_URL": url},
                   check=True, timeout=600)
    return url


@contextlib.contextmanager
def _lent(url):
    yield url
    _drop(url)


def _copy(template, folder):
    if ENGINE == "postgres":
        return _create(folder, f"TEMPLATE {_name(template)}")
    return f"sqlite:///{shutil.copy(_name(template), folder / 'copy.sqlite3')}"


def _create(folder, like=""):
    if ENGINE == "sqlite":
        return f"sqlite:///{folder / 'new.sqlite3'}"
    name = f"test_{uuid.uuid4().hex}"
    _control(f"CREATE DATABASE {name} {like}")
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"


def _drop(url):
    if ENGINE == "postgres":
        _control(f"DROP DATABASE {_name(url)} WITH (FORCE)")


def _control(statement):
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(statement)


def _name(url):
    """What Django calls the database of `url`: the path of its file, or its name on the server."""
    return url.removeprefix("sqlite:///") if ENGINE == "sqlite" else url.rpartition("/")[2]
