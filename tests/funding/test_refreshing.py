"""Reading balances."""

from datetime import timedelta
from decimal import Decimal

import pytest

from catalog import gateway
from catalog.suppliers.errors import SupplierError, Unanswered
from funding import refreshing
from funding.models import Account, Books, Entry, Reading, Threshold
from funding.reckoning import STALE_AFTER
from tests.funding.conftest import NOON, a_deposit, a_reading


def test_first_reading_opens_an_account_per_currency(shop, books, now):
    books.readings = [a_reading("87.50"), a_reading("10.00", currency="EUR")]

    result = refreshing.refresh(supplier=shop, now=now)

    assert [(one.currency, one.available, one.state) for one in result.accounts] == [
        ("EUR", Decimal(10), "ok"), ("USD", Decimal("87.5"), "ok")]
    assert Reading.objects.count() == 2


def test_each_reading_is_kept(shop, books, now):
    for minutes, amount in enumerate(("100", "90", "90")):
        books.readings = [a_reading(amount)]
        refreshing.read_balances(supplier=shop, now=now + timedelta(minutes=minutes))

    assert list(Reading.objects.order_by("id").values_list("balance", flat=True)) == [100, 90, 90]


def test_answer_that_was_overtaken_does_not_overwrite(shop, books, now):
    books.readings = [a_reading("90")]
    refreshing.read_balances(supplier=shop, now=now)

    books.readings = [a_reading("100")]
    refreshing.read_balances(supplier=shop, now=now - timedelta(seconds=1))

    account = Account.objects.get()
    assert (account.available, account.read_at) == (90, now)
    assert Reading.objects.count() == 2


def test_missing_currency_keeps_its_figures_and_ages(shop, books, now):
    books.readings = [a_reading("100"), a_reading("10", currency="EUR")]
    refreshing.read_balances(supplier=shop, now=now)

    later = now + STALE_AFTER + timedelta(seconds=1)
    books.readings = [a_reading("100")]
    refreshing.read_balances(supplier=shop, now=later)

    euro = Account.objects.get(currency="EUR")
    assert (euro.available, euro.state) == (10, "unknown")
    assert Account.objects.get(currency="USD").state == "ok"


def test_empty_answer_is_not_zero(shop, books, now):
    books.readings = [a_reading("100")]
    refreshing.read_balances(supplier=shop, now=now)

    books.readings = []
    refreshing.read_balances(supplier=shop, now=now)

    assert Account.objects.get().available == 100


def test_currency_told_twice_counts_the_smaller_figure(shop, books, now):
    books.readings = [a_reading("10"), a_reading("100")]

    refreshing.read_balances(supplier=shop, now=now)

    assert Account.objects.get().available == 10


def test_disagreeing_figures_leave_a_warning_that_the_next_reading_takes_away(shop, books, now):
    books.readings = [a_reading(balance=Decimal(50), available=Decimal(60))]
    refreshing.read_balances(supplier=shop, now=now)
    warned = Account.objects.get()

    books.readings = [a_reading("50")]
    refreshing.read_balances(supplier=shop, now=now + timedelta(minutes=1))

    assert (warned.available, bool(warned.warning)) == (50, True)
    assert Account.objects.get().warning == ""


def test_failed_balance_reading_changes_nothing_and_says_so(shop, books, now, account):
    books.readings, books.rows = Unanswered("timed out"), [a_deposit(1)]

    with pytest.raises(refreshing.Incomplete, match=r"^Balances: timed out\.$") as stopped:
        refreshing.refresh(supplier=shop, now=now)

    assert (stopped.value.result.new_entries, Entry.objects.count()) == (1, 1)
    account.refresh_from_db()
    assert account.available == 100


def test_balances_alone_raise_what_went_wrong(shop, books, now):
    books.readings = Unanswered("timed out")

    with pytest.raises(Unanswered):
        refreshing.read_balances(supplier=shop, now=now)


def test_failure_is_noted_until_the_next_good_reading(shop, books, now):
    books.readings = Unanswered("timed out")
    with pytest.raises(Unanswered):
        refreshing.read_balances(supplier=shop, now=now)
    noted = Books.objects.get().balances_failure

    books.readings = [a_reading("5")]
    refreshing.read_balances(supplier=shop, now=now)

    assert (noted, Books.objects.get().balances_failure) == ("timed out", "")


def test_supplier_that_is_not_connected_is_noted(shop, monkeypatch, now):
    def refuse(supplier):
        raise gateway.NotConnected("shop has no credentials yet.")

    monkeypatch.setattr(gateway, "connect", refuse)
    with pytest.raises(gateway.NotConnected):
        refreshing.refresh(supplier=shop, now=now)

    told = Books.objects.get()
    assert (told.balances_failure, told.tried_at) == ("shop has no credentials yet.", now)


def test_failed_books_do_not_keep_balances_from_being_read(shop, books, now):
    books.readings, books.rows, books.fail_at = [a_reading("5")], [a_deposit(1)], {1: Unanswered("gone")}

    with pytest.raises(SupplierError, match=r"^Books: gone\.$"):
        refreshing.refresh(supplier=shop, now=now)

    assert Account.objects.get().available == 5


def test_odd_currency_is_named_and_the_rest_is_kept(shop, books, now):
    books.readings = [a_reading("50"), a_reading("10", currency="POINTS")]

    with pytest.raises(refreshing.Incomplete, match="POINTS") as stopped:
        refreshing.refresh(supplier=shop, now=now)

    assert [one.currency for one in stopped.value.result.accounts] == ["USD"]


def test_refresh_crosses_thresholds_and_names_the_state(shop, books, now, account):
    threshold = Threshold.objects.create(account=account, trigger_amount=50, clear_amount=80)
    books.readings = [a_reading("50")]

    result = refreshing.refresh(supplier=shop, now=now)

    threshold.refresh_from_db()
    assert (result.accounts[0].state, threshold.crossed_at) == ("low", NOON)
