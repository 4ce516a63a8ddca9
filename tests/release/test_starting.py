"""Every command starts with sound surroundings or says in one line what is wrong with them."""

import subprocess
import sys

import pytest
from gunicorn.arbiter import Arbiter

from config import environment
from tests.house.source import ROOT
from tests.release.test_deployment import PRODUCTION

KEY = PRODUCTION["FIELD_KEYS"]


def start(*command, **surroundings):
    return subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env={**PRODUCTION, **surroundings},
                          capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("command", [("check",), ("migrate",), ("demo",), ("show_order", "x", "--json"), ("help",)])
def test_missing_secret_stops_every_command_with_one_line(command):
    refused = start(*command, SECRET_KEY="")

    assert (refused.returncode, refused.stdout, len(refused.stderr.splitlines())) == (2, "", 1)
    assert refused.stderr.startswith("SECRET_KEY is not set.")
    assert "python3 -c" in refused.stderr


@pytest.mark.parametrize(("name", "value", "says"), [
    ("SECRET_KEY", "too short", "has 9 characters"),
    pytest.param("FIELD_KEYS", "", "is not set", marks=pytest.mark.fault("F79")),
    pytest.param("FIELD_KEYS", "short", "key 1 of 1", marks=pytest.mark.fault("F79")),
    pytest.param("FIELD_KEYS", f"{KEY},", "key 2 of 2", marks=pytest.mark.fault("F79")),
    pytest.param("FIELD_KEYS", f"{KEY[:-1]}A", "key 1 of 1", marks=pytest.mark.fault("F79")),  # 44 characters, but 33 bytes
    ("DATABASE_URL", "purser", "postgres://purser"),
    ("DATABASE_URL", "mysql://u:canary@h/x", "postgres://purser"),
    ("DATABASE_URL", "postgres://u:canary@[::1/x", "postgres://purser"),
    ("DATABASE_URL", "postgres://u:canary@h:port/x", "postgres://purser"),
    ("PORT", "70000", "between 1 and 65535"),
    ("PORT", "http", "whole number"),
    ("DEBUG", "maybe", "1 for yes"),
    ("TIME_ZONE", "Mars/Base", "Europe/Berlin"),
    ("EMAIL_URL", "pigeon://u:canary@h", "smtp+tls://"),
    ("TLS_HEADER", "X Forwarded", "X-Forwarded-Proto"),
])
def test_odd_setting_is_named_with_what_to_write(name, value, says):
    refused = start("check", **{name: value})

    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    assert refused.stderr.startswith(f"{name} is ")
    assert says in refused.stderr
    assert "canary" not in refused.stderr


def test_web_server_gets_one_line_and_does_not_try_again():
    refused = subprocess.run([sys.executable, "-c", "import config.wsgi"], cwd=ROOT, env={**PRODUCTION, "SECRET_KEY": ""},
                             capture_output=True, text=True, timeout=60)

    assert (refused.returncode, len(refused.stderr.splitlines())) == (Arbiter.WORKER_BOOT_ERROR, 1)
    assert refused.stderr.startswith("SECRET_KEY is not set.")


@pytest.mark.parametrize("url", ["postgres://u:canary@127.0.0.1:1/x", "sqlite:////nowhere/at/all/x.sqlite3"])
def test_database_that_cannot_be_opened_is_one_line(url):
    refused = start("migrate", DATABASE_URL=url)

    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    assert "DATABASE_URL" in refused.stderr
    assert "canary" not in refused.stderr


@pytest.mark.parametrize("command", [("check",), ("migrate", "--help")])
def test_what_needs_no_database_runs_without_one(command):
    assert start(*command, DATABASE_URL="postgres://u:p@127.0.0.1:1/x").returncode == 0


def test_var_folder_that_cannot_be_made_is_named():
    refused = start("check", VAR_DIR="/proc/none/var")

    assert (refused.returncode, refused.stderr.startswith("VAR_DIR is odd")) == (2, True)


@pytest.mark.parametrize(("surroundings", "serves_tls"), [
    ({}, True), ({"SUPPLIER_ALLOW_LOCAL": "1"}, True), ({"DEBUG": "1"}, False), ({"DEBUG": "1", "SERVE_TLS": "1"}, True),
    ({"SERVE_TLS": "no"}, False),
])
def test_stand_in_suppliers_leave_tls_alone(surroundings, serves_tls, tmp_path):
    told = setting("SESSION_COOKIE_SECURE", DATABASE_URL=f"sqlite:///{tmp_path / 'x.sqlite3'}", **surroundings)

    assert told == str(serves_tls)


@pytest.mark.parametrize(("given", "header"), [
    (None, ("HTTP_X_FORWARDED_PROTO", "https")), ("X-Forwarded-Ssl=on", ("HTTP_X_FORWARDED_SSL", "on")), ("", None),
])
def test_proxy_header_is_the_one_that_was_named(monkeypatch, given, header):
    monkeypatch.delenv("TLS_HEADER", raising=False)
    if given is not None:
        monkeypatch.setenv("TLS_HEADER", given)

    assert environment.tls_header("X-Forwarded-Proto") == header


def setting(name, **surroundings):
    code = f"from django.conf import settings; print(settings.{name})"
    return start("shell", "-v0", "-c", code, **surroundings).stdout.strip()
