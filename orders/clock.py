"""The one clock of leases and windows: the database's, because several hosts share the rows but not a clock."""

from datetime import UTC

from django.db import connection
from django.utils import timezone


def now():
    """The present instant, aware, in UTC, by the database's clock where it has one of its own."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0].astimezone(UTC)
