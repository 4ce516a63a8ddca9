"""A supplier whose balances and books a test writes by hand, behind the gateway's one seam."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from catalog import gateway
from catalog.models import Supplier
from catalog.suppliers.types import BalanceReading, Entry, EntryKind, EntryStatus, Page
from funding import mirroring
from funding.models import Account

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class FakeBooks:
    """Till and Statement of one supplier. `readings` and `rows` (newest first) are its truth; `page_size` rows per page.

    `fail_at` maps the number of an `entries` call, from 1, to the error it raises; `before_page` runs before each page.
    """

    def __init__(self):
        self.readings, self.rows, self.page_size, self.asked = [], [], 3, []
        self.fail_at, self.before_page, self.total_told = {}, None, True

    def balances(self):
        if isinstance(self.readings, Exception):
            raise self.readings
        return self.readings

    def entries(self, cursor):
        self.asked.append(cursor)
        if self.before_page:
            self.before_page(self)
        if len(self.asked) in self.fail_at:
            raise self.fail_at[len(self.asked)]
        start = int(cursor or 0)
        end = start + self.page_size
        return Page(
            items=tuple(self.rows[start:end]), next_cursor=str(end) if end < len(self.rows) else None,
            total=len(self.rows) if self.total_told else None)


@pytest.fixture
def now():
    return NOON


@pytest.fixture
def shop(db):
    return Supplier.objects.create(name="shop", api="fake", base_url="https://shop.example")


@pytest.fixture
def books(monkeypatch):
    fake = FakeBooks()
    monkeypatch.setattr(gateway, "connect", lambda supplier: fake)
    return fake


@pytest.fixture
def account(shop):
    return an_account(shop)


@pytest.fixture
def finance(page_client):
    return page_client("finance")


@pytest.fixture
def mirror(shop, books):
    def run(*rows):
        books.rows = list(rows)
        mirroring.mirror(supplier=shop, client=books, now=NOON)

    return run


def an_account(supplier, **figures):
    """An account with 100 USD, read a minute before NOON."""
    figures = {"balance": Decimal(100), "available": Decimal(100), "read_at": NOON - timedelta(minutes=1),
               "currency": "USD", "state": "ok", **figures}
    return Account.objects.create(supplier=supplier, **figures)


def a_reading(available="100", **figures):
    figures = {"currency": "USD", "balance": Decimal(available), "available": Decimal(available),
               "raw": {"available": Decimal(available)}, **figures}
    return BalanceReading(**figures)


def a_deposit(number, *, minutes=0, status=EntryStatus.POSTED, amount="10", **more):
    """Deposit `number`, so many minutes after NOON (before it, where negative)."""
    at = NOON + timedelta(minutes=minutes)
    fields = {"key": str(number), "kind": EntryKind.DEPOSIT, "word": "bank_wire", "status": status,
              "amount": Decimal(amount), "currency": "USD", "occurred_at": at,
              "posted_at": at if status == EntryStatus.POSTED else None, "raw": {"id": number}, **more}
    return Entry(**fields)


def a_charge(number, *, amount, after, seconds=0, **more):
    """Transaction `number`, so many seconds after NOON, which left `after` on the account."""
    return Entry(
        key=str(number), kind=EntryKind.TRANSACTION, word="charge", status=EntryStatus.POSTED, amount=Decimal(amount),
        currency="USD", occurred_at=NOON + timedelta(seconds=seconds), balance_after=Decimal(after),
        raw={"n": number}, **more)


def text(response):
    """What a page says, on one line."""
    return " ".join(response.content.decode().replace("&#x27;", "'").split())
