"""What a release rests on: clean production settings, and migrations that go both ways."""

import os
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connection

from tests.house.source import ROOT

PRODUCTION = {
    "SECRET_KEY": "k" * 30 + "0123456789" * 3,
    "FIELD_KEYS": "dGVzdCBrZXksIGZvciB0ZXN0cyBvbmx5LCAwMDAwMDA=",
    "ALLOWED_HOSTS": "purser.example",
    "CSRF_TRUSTED_ORIGINS": "https://purser.example",
    "SUPPLIER_HOSTS": "api.supplier.example",
    "PATH": os.environ["PATH"],
}
OUR_TABLES = ("catalog_", "orders_", "funding_", "monitoring_")


def manage(*arguments, **environment):
    """Run manage.py as a release would: production settings, warnings as errors."""
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *arguments], cwd=ROOT, env={**PRODUCTION, **environment},
        capture_output=True, text=True, timeout=120)


def test_production_settings_raise_no_warning(tmp_path):
    checked = manage("check", "--deploy", "--fail-level", "WARNING", DATABASE_URL=f"sqlite:///{tmp_path / 'x.sqlite3'}")

    assert checked.returncode == 0, checked.stderr


@pytest.mark.django_db
def test_models_and_migrations_agree(capsys):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db  # on both engines, then
def test_migrations_go_forwards_back_and_forwards(migrated_database):
    """Forwards they went when the database was made."""
    listing = "from django.db import connection; print(*connection.introspection.table_names())"

    move(migrated_database, "migrate", "catalog", "zero")
    left = move(migrated_database, "shell", "-c", listing).split()
    move(migrated_database, "migrate")

    assert "django_migrations" in left
    assert [table for table in left if table.startswith(OUR_TABLES)] == []


def move(database, *arguments):
    moved = manage(*arguments, "-v0", DATABASE_URL=database)
    assert moved.returncode == 0, f"{arguments}: {moved.stderr[-2000:]}"
    return moved.stdout


@pytest.mark.pg
@pytest.mark.django_db
def test_migration_may_take_its_time_but_waits_for_no_lock(monkeypatch):
    seen = []
    monkeypatch.setattr(migrate.Command, "handle", lambda *args, **options: seen.append(limits()))

    call_command("migrate")

    assert [*seen, limits()] == [["0", "3s", "0"], ["15s", "3s", "1min"]]


def limits():
    """How long a statement may run, a lock be waited for, and a transaction idle."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout'), "
                       "current_setting('idle_in_transaction_session_timeout')")
        return list(cursor.fetchone())


@pytest.mark.django_db
def test_every_table_is_ours_or_known():
    known = ("auth_", "django_", "axes_", *OUR_TABLES)

    assert [table for table in connection.introspection.table_names() if not table.startswith(known)] == []
