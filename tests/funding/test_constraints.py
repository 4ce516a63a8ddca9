"""Each rule that the database keeps, broken once."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from funding.models import Account, Entry, Reservation, Threshold
from tests.funding.conftest import NOON, an_account
from tests.funding.test_append_only import an_entry


def refused(name, make):
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        make()
    # SQLite names the columns of a UNIQUE constraint, not the constraint.
    assert name in str(caught.value) or "UNIQUE" in str(caught.value)


def test_one_account_per_currency(account):
    refused("one_account_per_currency", lambda: an_account(account.supplier))


@pytest.mark.parametrize("half", [{"read_at": None}, {"balance": None}, {"available": None}])
def test_account_is_read_whole_or_not_at_all(account, half):
    refused("account_read_whole_or_not_at_all", lambda: Account.objects.update(**half))


def test_account_state_is_one_of_ours(account):
    refused("account_state_known", lambda: Account.objects.update(state="odd"))


def test_one_entry_per_supplier_key(account):
    an_entry(account)
    refused("one_entry_per_supplier_key", lambda: an_entry(account))
    an_entry(account, kind="deposit")


def test_entry_kind_is_one_of_ours(account):
    refused("entry_kind_known", lambda: an_entry(account, kind="odd"))


def test_entry_status_is_one_of_ours(account):
    refused("entry_status_known", lambda: an_entry(account, status="odd"))
    assert not Entry.objects.exists()


def test_threshold_clears_above_its_trigger(account):
    for clear in (49, 50):
        refused("threshold_clears_above_trigger",
                lambda clear=clear: Threshold.objects.create(account=account, trigger_amount=50, clear_amount=clear))


def test_one_threshold_per_amount(account):
    Threshold.objects.create(account=account, trigger_amount=50, clear_amount=60)
    refused("one_threshold_per_amount",
            lambda: Threshold.objects.create(account=account, trigger_amount=50, clear_amount=70))


def reservation(account, **more):
    return Reservation.objects.create(**{
        "account": account, "attempt_ref": "a", "amount": Decimal(1), "created_at": NOON, **more})


def test_reservation_is_not_negative(account):
    refused("reservation_not_negative", lambda: reservation(account, amount=Decimal("-0.01")))


def test_one_reservation_per_attempt(account):
    reservation(account)
    refused("attempt_ref", lambda: reservation(account))


@pytest.mark.parametrize("ends", [
    {"state": "open", "settled_at": NOON}, {"state": "settled"}, {"state": "released"},
    {"state": "settled", "settled_at": NOON, "released_at": NOON}, {"state": "odd"}])
def test_reservation_ends_once(account, ends):
    refused("reservation_ends_once", lambda: reservation(account, **ends))
