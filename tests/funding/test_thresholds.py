"""One crossing per fall, one clearing per recovery."""

from datetime import timedelta
from decimal import Decimal

import pytest

from funding import thresholds
from funding.models import Account, Reservation, Threshold
from funding.reckoning import STALE_AFTER
from tests.funding.conftest import NOON


@pytest.fixture
def threshold(account):
    return Threshold.objects.create(account=account, trigger_amount=Decimal(50), clear_amount=Decimal(80))


def read(account, amount):
    Account.objects.filter(pk=account.pk).update(available=amount, balance=amount)


def words(crossings):
    return ["raised" if crossing.is_raised else "cleared" for crossing in crossings]


def test_fall_to_the_trigger_is_one_crossing(account, threshold, now):
    read(account, 50)

    assert words(thresholds.check(now=now)) == ["raised"]
    assert words(thresholds.check(now=now)) == []
    threshold.refresh_from_db()
    assert threshold.crossed_at == now


@pytest.mark.fault("F75")
def test_flapping_around_the_trigger_is_one_crossing(account, threshold, now):
    seen = []
    for amount in ("50.5", "49.5", "50.5", "49.5", "50.5", "79.99", "49.5"):
        read(account, Decimal(amount))
        seen += words(thresholds.check(now=now))

    assert seen == ["raised"]


def test_recovery_clears_once_and_the_next_fall_counts_anew(account, threshold, now):
    seen = []
    for amount in (50, 80, 90, 40):
        read(account, amount)
        seen += words(thresholds.check(now=now))

    assert seen == ["raised", "cleared", "raised"]


def test_deep_fall_crosses_each_threshold(account, threshold, now):
    Threshold.objects.create(account=account, trigger_amount=10, clear_amount=20)
    read(account, 5)

    assert words(thresholds.check(now=now)) == ["raised", "raised"]


def test_old_figures_clear_no_threshold(account, threshold, now):
    read(account, 5)
    thresholds.check(now=now)
    read(account, 90)

    assert thresholds.check(now=now + STALE_AFTER) == []
    account.refresh_from_db()
    assert account.state == "unknown"


def test_what_is_bought_while_the_balance_is_not_read_raises(account, threshold, now):
    Reservation.objects.create(account=account, attempt_ref="a", amount=50, state="settled", created_at=now, settled_at=now)

    assert thresholds.check(now=now) == []
    assert words(thresholds.check(now=now + STALE_AFTER)) == ["raised"]


def test_account_never_read_moves_no_threshold(shop, now):
    unread = Account.objects.create(supplier=shop, currency="EUR")
    Threshold.objects.create(account=unread, trigger_amount=10, clear_amount=20)

    assert thresholds.check(now=now) == []


def test_check_renews_the_state(account, threshold, now):
    read(account, 5)
    thresholds.check(now=now)
    account.refresh_from_db()
    assert account.state == "low"

    read(account, 80)
    thresholds.check(now=now)
    account.refresh_from_db()
    assert account.state == "ok"


def test_new_threshold_is_compared_at_once(account, now):
    fresh = Threshold(account=account, trigger_amount=200, clear_amount=300)

    thresholds.keep(threshold=fresh, now=now)

    account.refresh_from_db()
    assert account.state == "low"


def test_edit_that_moves_the_trigger_below_available_ends_the_crossing(account, threshold, now):
    read(account, 45)
    thresholds.check(now=now)
    threshold.refresh_from_db()
    threshold.trigger_amount = Decimal(40)

    thresholds.keep(threshold=threshold, now=now)

    threshold.refresh_from_db()
    assert threshold.crossed_at is None


def test_edit_of_a_crossed_threshold_keeps_its_time(account, threshold, now):
    read(account, 45)
    thresholds.check(now=now)
    threshold.refresh_from_db()
    threshold.note = "call the bank"

    thresholds.keep(threshold=threshold, now=now + timedelta(minutes=5))

    threshold.refresh_from_db()
    assert (threshold.crossed_at, threshold.note) == (NOON, "call the bank")


def test_dropped_threshold_takes_low_with_it(account, threshold, now):
    read(account, 45)
    thresholds.check(now=now)

    thresholds.drop(threshold=threshold, now=now)

    account.refresh_from_db()
    assert account.state == "ok"
