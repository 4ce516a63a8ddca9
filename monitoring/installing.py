"""What has to stand in the database beside the tables: groups and schedules."""

from dataclasses import dataclass

from django.db import connection, transaction

from . import roles, schedules

INSTALL_LOCK = 7_273_001  # any number, as long as every install takes the same one


@dataclass(frozen=True)
class Installed:
    """`groups` were created or set right; `schedules` counts what was added, changed and removed."""

    groups: list
    schedules: schedules.Laid


def install(*, now):
    """Lay down groups and schedules. Running it again changes nothing; two at once wait for each other."""
    with transaction.atomic():
        _wait_for_other_installs()
        return Installed(roles.install(), schedules.install(now=now))


def _wait_for_other_installs():
    """SQLite's IMMEDIATE transaction is the lock there already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [INSTALL_LOCK])
