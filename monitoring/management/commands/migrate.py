"""`manage.py migrate`, which may take its time: what ends a slow statement of a page would end an upgrade half-way."""

import gc
from contextlib import contextmanager

from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections

LIFT = ("SET statement_timeout = 0", "SET idle_in_transaction_session_timeout = 0")
LOCKED = "55P03"  # what PostgreSQL calls a lock that was waited for too long
RESTORE = ("RESET statement_timeout", "RESET idle_in_transaction_session_timeout")


class Command(migrate.Command):
    def handle(self, *args, **options):
        try:
            with _unhurried(connections[options["database"]]), _keeping_garbage():
                super().handle(*args, **options)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != LOCKED:
                raise
            raise CommandError(
                "Somebody held a table of this step for longer than 3 s. Nothing of the step was changed. Stop web and "
                "workers, then run migrate again.") from error


@contextmanager
def _unhurried(connection):
    """No limit on a statement or on the pause between two. The wait for a lock stays short: others queue behind it."""
    lift, restore = (LIFT, RESTORE) if connection.vendor == "postgresql" else ((), ())
    for statement in lift:
        _execute(connection, statement)
    yield
    for statement in restore:
        _execute(connection, statement)


@contextmanager
def _keeping_garbage():
    """Each migration builds its models anew, and looking through all of them for garbage takes a quarter of the time."""
    thresholds = gc.get_threshold()
    gc.set_threshold(100_000, 50, 1_000)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def _execute(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
