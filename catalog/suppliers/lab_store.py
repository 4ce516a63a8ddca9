"""Where books are kept when they have to outlive the process: one SQLite file of small JSON documents."""

import json
import sqlite3
import threading
from datetime import datetime
from decimal import Decimal
from pathlib import Path


class Store:
    """Documents by supplier, kind and key. Decimals and times come back as they went in. Thread-safe."""

    def __init__(self, path: str | Path):
        self._guard = threading.Lock()
        self._db = sqlite3.connect(str(path), check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS documents"
            " (supplier TEXT, kind TEXT, key TEXT, place INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT,"
            " UNIQUE (supplier, kind, key))"
        )

    def put(self, supplier: str, kind: str, documents: dict) -> None:
        """Writes all of them or none."""
        rows = [(supplier, kind, str(key), _encode(value)) for key, value in documents.items()]
        with self._guard:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(
                "INSERT INTO documents (supplier, kind, key, body) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (supplier, kind, key) DO UPDATE SET body = excluded.body",
                rows,
            )
            self._db.execute("COMMIT")

    def all(self, supplier: str, kind: str) -> dict:
        """Every document of the kind, in the order in which they were first written."""
        with self._guard:
            found = self._db.execute(
                "SELECT key, body FROM documents WHERE supplier = ? AND kind = ? ORDER BY place", (supplier, kind)
            ).fetchall()
        return {key: _decode(body) for key, body in found}

    def wipe(self, supplier: str) -> None:
        with self._guard:
            self._db.execute("DELETE FROM documents WHERE supplier = ?", (supplier,))

    def close(self) -> None:
        with self._guard:
            self._db.close()


def _encode(value) -> str:
    return json.dumps(value, default=_tagged)


def _tagged(value):
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$time": value.isoformat()}
    raise TypeError(f"not for the books: {type(value).__name__}")


def _decode(text: str):
    return json.loads(text, object_hook=_untagged)


def _untagged(found: dict):
    if "$decimal" in found:
        return Decimal(found["$decimal"])
    if "$time" in found:
        return datetime.fromisoformat(found["$time"])
    return found
