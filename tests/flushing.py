"""Emptying the tables between tests that use real transactions, although some tables refuse every DELETE.

PostgreSQL truncates, which no row trigger sees. SQLite has only DELETE, so the triggers step aside for the flush.
"""

import pytest
from django.core.management.commands import flush
from django.db import connection

# They name what the code declares, so no test adds to them; to empty and fill them takes longer than many a test.
KEPT = {"django_content_type", "auth_permission"}


@pytest.fixture(scope="session", autouse=True)
def flush_keeps_what_was_declared():
    """The signal would fill KEPT again."""
    operations = type(connection.ops)
    plain = operations.sql_flush

    def sql_flush(self, style, tables, **options):
        return plain(self, style, [table for table in tables if table not in KEPT], **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", sql_flush)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *told, **more: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def flush_past_append_only(flush_keeps_what_was_declared):
    if connection.vendor != "sqlite":
        yield
        return
    operations = type(connection.ops)
    plain = operations.sql_flush

    def sql_flush(self, *args, **kwargs):
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'append_only_%'")
            triggers = cursor.fetchall()
        deletes = plain(self, *args, **kwargs)
        return [f"DROP TRIGGER {name}" for name, _ in triggers] + deletes + [sql for _, sql in triggers]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", sql_flush)
        yield
