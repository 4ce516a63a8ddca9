"""Transactions of the lab's game wallet, told as staff tell them."""

import pytest

from catalog import clock
from orders import checking, entering, telling
from orders.models import ResultCode, Transaction
from orders.telling import FIELDS

PUBLISHED = {"1": ("Success", "confirmed"), "2": ("Unknown error", "unknown")}
LEARNED = {"7": ("In progress", "pending"), "8": ("Rejected", "failed")}


@pytest.fixture
def books(lab):
    """The truth about transactions at the supplier."""
    return lab.books["game_wallet"]


@pytest.fixture
def codes(db):
    """The table of result codes: the published ones, and those the shop has learned of."""
    for code, (word, outcome) in (PUBLISHED | LEARNED).items():
        ResultCode.objects.update_or_create(
            api="game_wallet", code=code, defaults={"word": word, "outcome": outcome, "meaning": ""})


@pytest.fixture
def told(books):
    """`told(state)`: the fields of a transaction in that state there, as text; `told(state, amount=…)` changes some."""

    def fields(state="settled", **changes):
        row = next(row for row in books.transactions.values() if row.state == state)
        return {**{name: str(getattr(row, name)) for name in FIELDS if name != "provider_id"}, **changes}

    return fields


@pytest.fixture
def enter(wallet, told, now):
    """`enter(state)`: such a transaction, entered and due."""

    def entered(state="settled", *, by=None, at=None, **changes):
        query = telling.read(told(state, **changes))
        return entering.enter(supplier=wallet, query=query, by=by, now=at or now)

    return entered


@pytest.fixture
def ask():
    """`ask(row, at)`: ask about it if it is due then; the row as it is afterwards."""

    def asked(row, at=None):
        at = at or clock.now()
        checking.check(pk=row.pk, now=at, clock=lambda: at)
        return Transaction.objects.get(pk=row.pk)

    return asked
