"""The one clock of leases and windows: the database's, because several hosts share the rows but not a clock."""

import time
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils import timezone


def now():
    """The present instant, aware, in UTC, by the database's clock where it has one of its own."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0].astimezone(UTC)


class Watch:
    """An instant that goes on while a supplier is waited for: what is written after an answer is dated after it.

    Money settled at a time before the answer could be taken for money that a reading in between already shows.
    """

    def __init__(self, now):
        self._started_at, self._started = now, time.monotonic()
        self.signs_at = datetime.now(UTC)  # the host's own time, which is what a supplier compares signatures with

    def elapsed_s(self):
        return time.monotonic() - self._started

    def now(self):
        return self._started_at + timedelta(seconds=self.elapsed_s())
