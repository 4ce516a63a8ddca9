"""What figures mean."""

from datetime import timedelta
from decimal import Decimal

import pytest

from funding import reckoning
from funding.models import Account, Threshold
from tests.funding.conftest import NOON, a_reading

State = Account.State


def gift_reading(**figures):
    return a_reading(**{"overdraft_limit": Decimal(100), "allow_overdraft": True, **figures})


@pytest.mark.parametrize(("balance", "available"), [("-58.18", "41.82"), ("-29.09", "70.91"), ("0", "100")])
def test_overdraft_adds_to_what_is_available(balance, available):
    reading = gift_reading(balance=Decimal(balance), available=Decimal(available))

    assert reckoning.available(reading) == (Decimal(available), "")


def test_overdraft_that_is_not_allowed_adds_nothing():
    reading = gift_reading(balance=Decimal(20), available=Decimal(20), allow_overdraft=False)

    assert reckoning.available(reading) == (Decimal(20), "")


def test_reserved_money_is_not_available():
    reading = gift_reading(balance=Decimal(20), reserved=Decimal(5), available=Decimal(115))

    assert reckoning.available(reading) == (Decimal(115), "")


@pytest.mark.parametrize(("told", "counted"), [("41.84", "41.82"), ("41.80", "41.80")])
def test_smaller_figure_counts_when_the_supplier_reckons_otherwise(told, counted):
    reading = gift_reading(balance=Decimal("-58.18"), available=Decimal(told))

    available, warning = reckoning.available(reading)

    assert available == Decimal(counted)
    assert told in warning and "41.82" in warning


def test_one_cent_is_rounding():
    reading = gift_reading(balance=Decimal("-58.18"), available=Decimal("41.83"))

    assert reckoning.available(reading) == (Decimal("41.83"), "")


@pytest.mark.parametrize(("balance", "available", "word"), [
    ("100", "100", State.OK),
    ("50", "50", State.LOW),
    ("51", "51", State.OK),
    ("0", "0", State.EXHAUSTED),
    ("-58.18", "41.82", State.OVERDRAWN),
    ("-100", "0", State.EXHAUSTED),
    ("-100", "-0.01", State.EXHAUSTED),
])
def test_state_of_figures(balance, available, word):
    assert state(balance, available, thresholds=[Threshold(trigger_amount=50, clear_amount=80)]) == word


def test_account_stays_low_until_its_threshold_clears():
    crossed = Threshold(trigger_amount=50, clear_amount=80, crossed_at=NOON)

    assert state("79", "79", thresholds=[crossed]) == State.LOW


def test_account_never_read_is_unknown():
    assert reckoning.state(balance=None, available=None, read_at=None, thresholds=[], now=NOON) == State.UNKNOWN


def test_old_reading_is_unknown():
    assert state("100", "100", age=reckoning.STALE_AFTER) == State.OK
    assert state("100", "100", age=reckoning.STALE_AFTER + timedelta(seconds=1)) == State.UNKNOWN


def state(balance, available, *, thresholds=(), age=timedelta(0)):
    return reckoning.state(
        balance=Decimal(balance), available=Decimal(available), read_at=NOON - age, thresholds=thresholds, now=NOON)
