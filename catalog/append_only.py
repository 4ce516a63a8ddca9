"""Rows that may be added but never changed back: enforced by the database, not by good manners.

Used in migrations:

    operations = [append_only.refuse("funding_reading")]

`updates` names the columns that must never change ("*": all of them); `once` is an SQL condition on OLD under which a row
takes no update at all. Whoever changes such a table on SQLite must refuse again in the same migration, because Django
builds a new table there and the old one's triggers go with it; tests/funding/test_append_only.py notices when that is
forgotten. Emptying a whole table (TRUNCATE, used by tests) is not a change of rows and stays possible on PostgreSQL.
"""

from django.db import migrations

PREFIX = "append_only"
FUNCTION = f"""
CREATE OR REPLACE FUNCTION {PREFIX}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def refuse(table, *, updates="*", once=""):
    """A reversible operation: `table` refuses every DELETE, and UPDATEs of the columns `updates` or of rows `once`."""

    def forwards(apps, schema_editor):
        vendor = schema_editor.connection.vendor
        if vendor == "postgresql":
            schema_editor.execute(FUNCTION, params=None)
        for name, event, when in _triggers(table, updates, once):
            schema_editor.execute(_create(vendor, name, table, event, when), params=None)

    def backwards(apps, schema_editor):
        for name, _, _ in _triggers(table, updates, once):
            schema_editor.execute(_drop(schema_editor.connection.vendor, name, table))

    return migrations.RunPython(forwards, backwards)


def _triggers(table, updates, once):
    """(name, event, condition) of each trigger."""
    columns = "" if updates == "*" else f" OF {', '.join(updates)}"
    triggers = [(f"{PREFIX}_{table}_delete", "DELETE", ""), (f"{PREFIX}_{table}_update", f"UPDATE{columns}", "")]
    if once:
        triggers.append((f"{PREFIX}_{table}_once", "UPDATE", once))
    return triggers


def _create(vendor, name, table, event, when):
    condition = f" WHEN ({when})" if when else ""
    act = (f"EXECUTE FUNCTION {PREFIX}_refuse()" if vendor == "postgresql"
           else f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END")
    return f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW{condition} {act}"


def _drop(vendor, name, table):
    return f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if vendor == "postgresql" else "")
