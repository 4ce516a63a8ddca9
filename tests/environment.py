"""The environment of a test run, set before Django reads its settings (pyproject.toml loads this with `-p`).

PURSER_TEST_ENGINE chooses the database: `sqlite` (the default) or `postgres`. Nothing else of the caller's environment
reaches the settings, so a developer's own DATABASE_URL is never touched by a test.
"""

import os

import pytest

from tests import postgres

ENGINE = os.environ.get("PURSER_TEST_ENGINE", "sqlite")
SETTINGS = {
    "SECRET_KEY": "a-key-for-tests-only-" + "0" * 40,
    "FIELD_KEYS": "dGVzdCBrZXksIGZvciB0ZXN0cyBvbmx5LCAwMDAwMDA=",
    "SUPPLIER_ALLOW_LOCAL": "1",
    "DEMO_PASSWORD": "",
}
UNSET = ("DEBUG", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "SUPPLIER_HOSTS", "PORT", "SERVE_TLS", "EMAIL_URL",
         "EMAIL_FROM", "METRICS_TOKEN", "TIME_ZONE", "Q_CLUSTER_NAME", "DATABASE_URL", "VAR_DIR", "SITE_URL",
         "SYNC_MAX_PAGES", "REVEALS_PER_HOUR", "RUNWAY_HOURS", "TLS_HEADER")
STARTED = "PURSER_TEST_STARTED"  # set for the worker processes of a run: they share the first process's server
_servers = []


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests():
    if os.environ.get(STARTED):
        return
    if ENGINE not in ("sqlite", "postgres"):
        raise pytest.UsageError(f"PURSER_TEST_ENGINE is {ENGINE!r}: it must be sqlite or postgres.")
    for name in UNSET:
        os.environ.pop(name, None)
    os.environ.update(SETTINGS)
    if ENGINE == "postgres":
        os.environ["DATABASE_URL"] = _postgres_url()
    os.environ[STARTED] = "1"


@pytest.hookimpl(trylast=True)
def pytest_unconfigure():
    while _servers:
        _servers.pop().stop()


def _postgres_url():
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return given
    try:
        _servers.append(postgres.Server.start())
    except postgres.NoServer as error:
        raise pytest.UsageError(str(error)) from None
    return _servers[0].url
