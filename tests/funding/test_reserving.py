"""Money is set aside before it is spent, and never twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection, transaction

from funding import refreshing, reserving
from funding.models import Account, Reservation
from tests.funding.conftest import NOON, a_reading, an_account


@pytest.fixture
def overdrawn(shop):
    """58.18 in the red, 41.82 of a 100 USD overdraft left."""
    return an_account(shop, balance=Decimal("-58.18"), overdraft_limit=100, allow_overdraft=True,
                      available=Decimal("41.82"), is_overdrafted=True, state="overdrawn")


def reserve(account, ref, amount, now=NOON):
    with transaction.atomic():
        held = reserving.lock(supplier_id=account.supplier_id, currency=account.currency)
        return reserving.reserve(account=held, attempt_ref=ref, amount=Decimal(amount), now=now)


def test_money_set_aside_is_no_longer_spendable(overdrawn):
    reserve(overdrawn, "a", "29.09")

    assert reserving.spendable(overdrawn) == Decimal("12.73")


def test_second_order_on_the_last_money_is_refused(overdrawn):
    reserve(overdrawn, "a", "29.09")

    with pytest.raises(reserving.NotCovered) as refusal:
        reserve(overdrawn, "b", "29.09")

    assert (refusal.value.need, refusal.value.spendable) == (Decimal("29.09"), Decimal("12.73"))
    assert Reservation.objects.count() == 1


def test_the_very_last_cent_may_be_spent(overdrawn):
    reserve(overdrawn, "a", "41.82")

    assert reserving.spendable(overdrawn) == 0


def test_many_small_sums_leave_the_last_cent_as_well(shop):
    """SQLite adds as floating point: 0.1 a few hundred times is not what it seems."""
    account = an_account(shop, balance=Decimal("6990.16"), available=Decimal("6990.16"))
    Reservation.objects.bulk_create(Reservation(
        account=account, attempt_ref=f"r{n}", amount=Decimal("30.13"), created_at=NOON) for n in range(231))

    reserve(account, "last", "30.13")

    assert reserving.spendable(account) == 0


def test_account_never_read_covers_nothing(shop):
    with pytest.raises(reserving.NotCovered) as refusal, transaction.atomic():
        account = reserving.lock(supplier_id=shop.pk, currency="EUR")
        reserving.reserve(account=account, attempt_ref="a", amount=Decimal(1), now=NOON)

    assert refusal.value.spendable is None


def test_released_money_is_spendable_again(account):
    reserve(account, "a", 40)

    assert reserving.release(attempt_ref="a", now=NOON)
    assert not reserving.release(attempt_ref="a", now=NOON)
    assert reserving.spendable(account) == 100


def test_released_attempt_is_reserved_anew_in_the_same_row(account):
    """A parked attempt goes on under its old reference."""
    reserve(account, "a", 40)
    reserving.release(attempt_ref="a", now=NOON)

    reserve(account, "a", 45, now=NOON + timedelta(hours=1))

    held = Reservation.objects.get()
    assert (held.state, held.amount, held.released_at) == ("open", 45, None)
    assert reserving.spendable(account) == 55


def test_settled_money_stays_spent_until_a_later_reading(account, books):
    reserve(account, "a", 40)
    reserving.settle(attempt_ref="a", amount=Decimal("41.50"), now=NOON)

    assert reserving.spendable(account) == Decimal("58.50")

    books.readings = [a_reading("58.50")]
    refreshing.read_balances(supplier=account.supplier, now=NOON + timedelta(seconds=1))
    account.refresh_from_db()
    assert reserving.spendable(account) == Decimal("58.50")


def test_settlement_during_a_reading_still_counts(account, books):
    """The reading was asked for before the purchase was settled, so it may not contain it."""
    reserve(account, "a", 40)
    reserving.settle(attempt_ref="a", amount=Decimal(40), now=NOON)

    books.readings = [a_reading("100")]
    refreshing.read_balances(supplier=account.supplier, now=NOON)

    account.refresh_from_db()
    assert reserving.spendable(account) == 60


def test_attempt_is_settled_once(account):
    reserve(account, "a", 40)

    assert reserving.settle(attempt_ref="a", amount=Decimal(40), now=NOON)
    assert not reserving.settle(attempt_ref="a", amount=Decimal(40), now=NOON)
    assert not reserving.release(attempt_ref="a", now=NOON)


def test_accounts_do_not_cover_each_other(account):
    an_account(account.supplier, currency="EUR")
    reserve(account, "a", 100)

    assert reserving.spendable(Account.objects.get(currency="EUR")) == 100


@pytest.mark.django_db(transaction=True)
def test_money_is_set_aside_inside_a_transaction_only(shop):
    with pytest.raises(RuntimeError):
        reserving.lock(supplier_id=shop.pk, currency="USD")


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_race_for_the_last_money_never_overspends(overdrawn):
    start = Barrier(8)

    def compete(number):
        try:
            start.wait()
            reserve(overdrawn, f"attempt-{number}", "29.09")
        except reserving.NotCovered:
            return "refused"
        finally:
            connection.close()
        return "reserved"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(compete, range(8)))

    assert outcomes == ["refused"] * 7 + ["reserved"]
    assert reserving.spendable(overdrawn) == Decimal("12.73")


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_race_to_open_one_account_opens_it_once(shop):
    start = Barrier(4)

    def open_it(_):
        try:
            start.wait()
            with transaction.atomic():
                return reserving.lock(supplier_id=shop.pk, currency="USD").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(open_it, range(4)))) == 1
