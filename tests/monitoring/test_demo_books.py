"""What the demo's pages say of money is what the stand-ins hold, from the first second on."""

from datetime import timedelta

import pytest

from funding.models import Account, Entry, Reading
from monitoring.demo import history
from monitoring.management.commands import demo
from orders.models import Transaction, TransactionFile
from orders.models.transaction import GIVEN_UP, TransactionStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(lab, staff, now, monkeypatch):
    """The demo's sample data, with less trade; gives the lab that it was made on."""
    monkeypatch.setattr(history, "ORDERS", 6)
    demo.fill(lab, lab.url, {name: staff(name) for name in ("operations", "lead", "support")}, now)
    return lab


def test_demo_tells_what_the_suppliers_hold(shop, now):
    accounts = Account.objects.select_related("supplier")
    told = {(one.supplier.api, one.currency): one.balance for one in accounts}

    assert told == {place: shop.books[place[0]].balance(place[1]) for place in told}
    assert shop.books["giftapi"].charges()

    account = accounts.get(supplier__api="giftapi")
    newest = account.entries.filter(kind=Entry.Kind.TRANSACTION).order_by("-occurred_at")[0].occurred_at
    assert account.balance in account.entries.filter(occurred_at=newest).values_list("balance_after", flat=True)
    assert account.first_break is None

    past = account.readings.filter(fetch_started_at__lt=now - timedelta(hours=1))
    assert past.count() == 14 * 12
    assert set(past.values_list("balance", flat=True)) <= _balances(account)
    assert not Reading.objects.filter(
        fetch_started_at__range=(now - timedelta(minutes=90), now - timedelta(seconds=1))).exists()


def _balances(account):
    """Every balance that the books of `account` ever held."""
    rows = account.entries.filter(kind=Entry.Kind.TRANSACTION).values_list("balance_after", "amount")
    return {after for after, _ in rows} | {after - amount for after, amount in rows}


def test_demo_has_a_transaction_in_each_status(shop):
    rows = Transaction.objects.filter(supplier__name="wallet-demo")

    assert set(rows.values_list("status", flat=True)) == set(TransactionStatus.values)
    assert rows.filter(GIVEN_UP).count() == 1
    assert TransactionFile.objects.get().rows.exclude(problem="").count() == 2
    assert set(rows.exclude(http_version="").values_list("http_version", flat=True)) == {"HTTP/2"}
