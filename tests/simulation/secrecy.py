"""Codes and credentials of a simulated world stand nowhere in the clear."""

import logging
import re

from django.db import connection
from psycopg import sql

# Every code and serial number of the lab begins like this, and nothing else does.
CODE = re.compile(r"TEST-?[0-9A-F]{4}")
NOT_TOLD = ("catalog_product", "catalog_sku")  # what suppliers sell is mirrored, not told by them in confidence


class Ears(logging.Handler):
    """Keeps every line that is logged, from any module at any level."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage() + (str(record.exc_info[1]) if record.exc_info else ""))

    def __enter__(self):
        self._level = logging.root.level
        logging.root.setLevel(logging.DEBUG)
        logging.root.addHandler(self)
        return self

    def __exit__(self, *error):
        logging.root.removeHandler(self)
        logging.root.setLevel(self._level)


def nothing_stands_in_the_clear(world):
    """I-26: no code and no credential in any table, nor in the log."""
    secrets = {value for held in world.lab.credentials.values() for value in held.values() if len(value) >= 12}
    for place, text in [*_tables(), ("the log", "\n".join(world.heard))]:
        if CODE.search(text):
            yield f"I-26 a code stands in {place}"
        if any(secret in text for secret in secrets):
            yield f"I-26 a credential stands in {place}"


def _tables():
    """(table, all its rows as text), of all tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = [name for (name,) in cursor.fetchall() if name not in NOT_TOLD]
        told = sql.SQL("SELECT {}, coalesce(string_agg(one::text, ' '), '') FROM {} one")
        cursor.execute(sql.SQL(" UNION ALL ").join(told.format(name, sql.Identifier(name)) for name in names))
        return cursor.fetchall()
