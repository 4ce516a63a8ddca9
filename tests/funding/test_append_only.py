"""The database itself refuses to forget or rewrite money history."""

from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from catalog import append_only
from funding import reserving
from funding.models import Entry, Reading, Reservation
from tests.funding.conftest import NOON, a_charge, an_account


@pytest.fixture
def reading(account):
    return Reading.objects.create(account=account, fetch_started_at=NOON, balance=1, available=1)


@pytest.fixture
def entry(account):
    return an_entry(account)


@pytest.fixture
def reservation(account):
    return Reservation.objects.create(account=account, attempt_ref="a", amount=5, created_at=NOON)


def an_entry(account, **more):
    row = a_charge(1, amount="-5", after="95")
    return Entry.objects.create(
        supplier=account.supplier, account=account, supplier_key=row.key, first_seen_at=NOON,
        occurred_at=row.occurred_at, **{"kind": row.kind, "word": row.word, "status": "pending", "amount": row.amount,
                                        "currency": "USD", **more})


@pytest.fixture
def refused():
    def run(act):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            act()

    return run


def test_reading_is_never_deleted(reading, refused):
    refused(reading.delete)


def test_reading_is_never_changed(reading, refused):
    refused(lambda: Reading.objects.update(balance=2))


def test_entry_is_never_deleted(entry, refused):
    refused(entry.delete)


@pytest.mark.parametrize("change", [{"amount": 6}, {"balance_after": 1}, {"supplier_key": "2"}, {"raw": {"a": 1}}])
def test_entry_keeps_what_the_supplier_wrote(entry, refused, change):
    refused(lambda: Entry.objects.update(**change))


def test_pending_entry_may_become_posted(entry):
    assert Entry.objects.update(status="posted", posted_at=NOON) == 1


def test_posted_entry_is_never_changed(account, refused):
    an_entry(account, status="posted")

    refused(lambda: Entry.objects.update(status="pending"))


def test_reservation_is_never_deleted(reservation, refused):
    refused(reservation.delete)


def test_reservation_keeps_whose_it_is(reservation, refused):
    refused(lambda: Reservation.objects.update(attempt_ref="b"))


def test_settled_reservation_is_never_changed(reservation, refused):
    assert reserving.settle(attempt_ref="a", amount=5, now=NOON)

    refused(lambda: Reservation.objects.update(amount=0))
    refused(lambda: Reservation.objects.update(state="open", settled_at=None, released_at=None))


def test_every_table_that_should_refuse_still_does(db):
    """A later migration that rebuilds a table on SQLite silently drops its triggers; this says so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal" if connection.vendor == "postgresql"
                       else "SELECT name FROM sqlite_master WHERE type = 'trigger'")
        found = {name for (name,) in cursor.fetchall()}

    assert {f"{append_only.PREFIX}_funding_{name}" for name in (
        "reading_delete", "reading_update", "entry_delete", "entry_update", "entry_once",
        "reservation_delete", "reservation_update", "reservation_once")} <= found


@pytest.mark.django_db(transaction=True)
def test_refusal_can_be_taken_back_and_given_again(shop):
    executor = MigrationExecutor(connection)
    executor.migrate([("funding", "0001_initial")])
    try:
        Reading.objects.create(account=an_account(shop), fetch_started_at=NOON, balance=1, available=1).delete()
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())  # all that built on it, too: other tests follow
    assert import_module("funding.migrations.0002_append_only").Migration.operations[0].reversible


@pytest.mark.django_db(transaction=True)
def test_tables_are_emptied_between_tests(account):
    Reading.objects.create(account=account, fetch_started_at=timezone.now(), balance=1, available=1)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_of_the_test_before(db):
    assert not Reading.objects.exists()
