"""Emptying the tables between tests that use real transactions, although some tables refuse every DELETE.

For the flush, what refuses steps aside: on SQLite the triggers, on PostgreSQL all that a copying server would not fire.
There a TRUNCATE, which no row trigger sees, would make sixty tables anew for the few rows that a test leaves.
"""

import pytest
from django.core.management.commands import flush
from django.db import connection

# They name what the code declares, so no test adds to them; to empty and fill them takes longer than many a test.
KEPT = {"django_content_type", "auth_permission"}


@pytest.fixture(scope="session", autouse=True)
def flush_past_append_only():
    operations = type(connection.ops)
    plain = operations.sql_flush
    ways = {"sqlite": _past_triggers, "postgresql": _past_all_that_refuses}

    def sql_flush(self, style, tables, **options):
        emptied = [table for table in tables if table not in KEPT]
        return ways[self.connection.vendor](self.connection, emptied, plain(self, style, emptied, **options))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", sql_flush)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *told, **more: None)  # it would fill KEPT again
        yield


def _past_triggers(database, tables, deletes):
    with database.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'append_only_%'")
        triggers = cursor.fetchall()
    return [f"DROP TRIGGER {name}" for name, _ in triggers] + deletes + [sql for _, sql in triggers]


def _past_all_that_refuses(database, tables, truncation):
    """Like TRUNCATE, it waits for whoever still writes; only a superuser may go past what refuses."""
    with database.cursor() as cursor:
        cursor.execute("SHOW is_superuser")
        if cursor.fetchone() != ("on",):
            return truncation
    names = [database.ops.quote_name(table) for table in tables]
    return [f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE", "SET LOCAL session_replication_role = replica",
            "; ".join(f"DELETE FROM {name}" for name in names)]  # noqa: S608 - names of tables
