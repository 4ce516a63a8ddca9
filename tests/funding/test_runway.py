"""How long the money lasts, by what was bought lately."""

from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest

from funding import accounts, runway
from funding.models import Account, Reservation
from funding.reckoning import STALE_AFTER

HOUR = timedelta(hours=1)
NUMBERS = count()


@pytest.fixture
def spend(account, now):
    """A factory: `spend(10, hours=3)` was bought and paid three hours ago."""

    def make(amount, *, hours=0.0, state="settled"):
        at = now - hours * HOUR
        settled = {"settled_at": at} if state == "settled" else {}
        return Reservation.objects.create(account=account, attempt_ref=f"r{next(NUMBERS)}", amount=Decimal(amount),
                                          state=state, created_at=at, **settled)

    return make


def lasts(account, now):
    return accounts.one(pk=account.pk, now=now).runway


def test_account_that_nothing_is_bought_from_lasts_for_ever(account, now):
    assert lasts(account, now).hours is None


def test_account_never_read_has_no_runway(shop, now):
    unread = Account.objects.create(supplier=shop, currency="EUR")

    assert lasts(unread, now) is None


def test_even_pace_lasts_by_the_day(account, spend, now):
    for hour in range(1, 25):
        spend(2, hours=hour - 0.5)

    assert lasts(account, now).hours == 50  # 100 left, 48 a day


def test_busiest_day_counts_even_if_today_is_quiet(account, spend, now):
    spend(200, hours=5 * 24 + 1)
    spend(1, hours=3)

    assert lasts(account, now).hours == 12


def test_what_was_bought_more_than_a_week_ago_counts_no_more(account, spend, now):
    spend(200, hours=7 * 24 + 1)

    assert lasts(account, now).hours is None


def test_money_set_aside_and_charged_since_the_reading_is_gone(account, spend, now):
    spend(20)
    spend(30, state="open")

    assert lasts(account, now).left == 50


def test_account_that_cannot_be_read_runs_down_by_what_is_bought(account, spend, now):
    Account.objects.filter(pk=account.pk).update(read_at=now - 100 * STALE_AFTER)
    spend(90, hours=1.5)

    assert lasts(account, now).left == 10


def test_burst_counts_although_the_day_was_quiet(account, spend, now):
    for minute in range(3):
        spend(20, hours=minute / 60)

    left = lasts(account, now)

    assert (left.hours, left.is_soon) == (1, True)


def test_single_large_purchase_is_no_pace(account, spend, now):
    Account.objects.filter(pk=account.pk).update(available=160, balance=160)
    spend(80)

    left = lasts(account, now)

    assert (left.hours, left.is_soon) == (24, False)


def test_all_accounts_cost_one_query(account, shop, spend, now, django_assert_num_queries):
    Account.objects.create(supplier=shop, currency="EUR", balance=5, available=5, read_at=now)
    spend(1)
    known = accounts.overview(now=now)

    with django_assert_num_queries(1):
        assert len(runway.of(known, now=now)) == 2
