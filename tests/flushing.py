"""Emptying the tables between tests that use real transactions, although some tables refuse every DELETE.

PostgreSQL truncates, which no row trigger sees. SQLite has only DELETE, so the triggers step aside for the flush.
"""

import pytest
from django.db import connection


@pytest.fixture(scope="session", autouse=True)
def flush_past_append_only():
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
