"""`manage.py refresh_funding`."""

import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog import gateway
from catalog.models import Supplier
from catalog.suppliers.errors import Unanswered
from funding import tasks
from funding.models import Books
from tests.funding.conftest import NOON, a_deposit, a_reading


def run(*arguments):
    out = StringIO()
    call_command("refresh_funding", *arguments, stdout=out)
    return out.getvalue()


def gift_reading():
    return a_reading(balance=Decimal("-58.18"), available=Decimal("41.82"), overdraft_limit=Decimal(100),
                     allow_overdraft=True, is_overdrafted=True)


@pytest.fixture(autouse=True)
def clock_a_little_later(monkeypatch):
    """The house's clock, which on PostgreSQL is the database's: no faked Python clock moves it."""
    monkeypatch.setattr("catalog.clock.now", lambda: NOON + timedelta(seconds=5))


def test_json_tells_accounts_and_new_entries(shop, books):
    books.readings, books.rows = [gift_reading()], [a_deposit(1), a_deposit(2)]

    assert json.loads(run("shop", "--json")) == {"suppliers": {"shop": {
        "accounts": [{
            "currency": "USD", "balance": "-58.18", "reserved": "0.00", "available": "41.82",
            "overdraft_limit": "100.00", "is_overdrafted": True, "state": "overdrawn"}],
        "entries": {"new": 2}}}}


def test_plain_lines_without_json(shop, books):
    books.readings = [gift_reading()]

    assert run() == "shop USD: balance -58.18, available 41.82, overdrawn\nshop: 0 new entries in the books\n"


def test_currency_never_read_is_null(shop, books):
    books.rows = [a_deposit(1)]

    account = json.loads(run("--json"))["suppliers"]["shop"]["accounts"][0]

    assert (account["balance"], account["available"], account["state"]) == (None, None, "unknown")


def test_without_names_only_active_suppliers_are_asked(shop, books):
    Supplier.objects.create(name="asleep", api="fake", base_url="https://asleep.example", is_active=False)

    assert list(json.loads(run("--json"))["suppliers"]) == ["shop"]


def test_unknown_name_is_refused_before_anything_is_asked(shop, books):
    with pytest.raises(CommandError, match="There is no supplier called nobody") as refusal:
        run("shop", "nobody")

    assert refusal.value.returncode == 2
    assert books.asked == []


def test_supplier_that_is_not_connected_is_refused(shop, monkeypatch):
    def refuse(supplier):
        raise gateway.NotConnected("shop has no credentials yet.")

    monkeypatch.setattr(gateway, "connect", refuse)
    with pytest.raises(CommandError, match="no credentials") as refusal:
        run("shop")

    assert refusal.value.returncode == 2


def test_part_way_failure_prints_what_was_learned(shop, books):
    books.readings, books.rows = Unanswered("timed out"), [a_deposit(1)]
    out = StringIO()

    with pytest.raises(CommandError) as failure:
        call_command("refresh_funding", "--json", stdout=out)

    told = json.loads(out.getvalue())["suppliers"]["shop"]
    assert failure.value.returncode == 1
    assert (told["entries"], told["failure"]) == ({"new": 1}, "Balances: timed out.")


def test_task_leaves_what_went_wrong_in_the_books(shop, books):
    books.readings = Unanswered("timed out")

    assert tasks.refresh(shop.pk) is None
    told = Books.objects.get()
    assert (told.balances_failure, told.failure) == ("timed out", "")
    assert told.tried_at is not None


def test_task_for_a_supplier_that_is_gone_does_nothing(db):
    assert tasks.refresh(404) is None
