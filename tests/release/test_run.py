"""The test run itself: which database it uses, and that it cannot reach the outside."""

import queue
import socket
import urllib.request
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import connection

from tests import postgres, run
from tests.environment import ENGINE
from tests.network import OutsideCall


@pytest.mark.django_db
def test_engine_asked_for_is_used():
    vendor = {"sqlite": "sqlite", "postgres": "postgresql"}[ENGINE]

    assert connection.vendor == vendor


@pytest.mark.pg
@pytest.mark.django_db
def test_server_waits_shortly_for_locks():
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("3s",)


def test_outside_address_is_refused():
    with socket.socket() as sock, pytest.raises(OutsideCall):
        sock.connect(("192.0.2.1", 443))


def test_outside_name_is_refused():
    with pytest.raises(OutsideCall):
        urllib.request.urlopen("https://supplier.example/")


def test_var_folder_is_the_tests_own(tmp_path):
    assert settings.VAR_DIR.parent == tmp_path


def test_run_without_postgresql_says_what_it_left_out(monkeypatch, capsys):
    monkeypatch.setattr(postgres, "missing", lambda: "No PostgreSQL was found. Install the package `postgresql`.")
    monkeypatch.setattr(run, "_start", _told("7 passed in 1.00s"))

    assert run.main() == 0
    last = capsys.readouterr().out.splitlines()[-2:]
    assert last == ["sqlite: 7 passed in 1.00s", "left out: every test on PostgreSQL. No PostgreSQL was found. Install the "
                    "package `postgresql`."]


def test_failure_on_one_engine_fails_the_run_and_stands_among_the_last_lines(monkeypatch, capsys):
    monkeypatch.setattr(postgres, "missing", lambda: "")
    starts = {"sqlite": _told("FAILED tests/a.py::test_b - AssertionError", "1 failed, 6 passed", status=1),
              "postgres": _told("3 passed")}
    monkeypatch.setattr(run, "_start", lambda choice: starts[choice["PURSER_TEST_ENGINE"]](choice))

    assert run.main() == 1
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "sqlite: FAILED tests/a.py::test_b - AssertionError", "sqlite: 1 failed, 6 passed", "postgres: 3 passed"]


def _told(*lines, status=0):
    """A stand-in for `run._start`: a run that prints `lines` and ends with `status`."""

    def start(choice):
        told = queue.SimpleQueue()
        for line in (*(f"{line}\n" for line in lines), None):
            told.put(line)
        return SimpleNamespace(wait=lambda: status), told

    return start


def test_machine_without_postgresql_is_noticed(monkeypatch, tmp_path):
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    monkeypatch.setattr(postgres, "Path", lambda _: tmp_path)
    monkeypatch.setattr(postgres.shutil, "which", lambda _: None)
    monkeypatch.setattr(postgres.importlib.util, "find_spec", lambda _: None)

    assert "No PostgreSQL was found" in postgres.missing()
