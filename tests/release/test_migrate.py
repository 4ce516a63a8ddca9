"""An upgrade that somebody holds up says so in one line, and can be run again."""

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_migrate_that_waits_too_long_for_a_table_says_what_to_do():
    held, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
            held.set()
            done.wait(60)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(60)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 100")
    try:
        with pytest.raises(CommandError, match="run migrate again"):
            call_command("migrate", verbosity=0)
    finally:
        done.set()
        holder.join()
        connection.close()

    call_command("migrate", verbosity=0)
