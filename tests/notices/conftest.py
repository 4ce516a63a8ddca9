"""GiftAPI at the lab, a voucher there, and its webhooks."""

from functools import partial

import pytest

from catalog.suppliers.types import ProductKind
from orders import refusals
from orders.models import Attempt
from tests.orders import shop

from . import sender


@pytest.fixture(autouse=True)
def fresh_tally(monkeypatch):
    """Counts held back in one test are not written in the next."""
    monkeypatch.setattr(refusals, "_tally", refusals.Tally())


@pytest.fixture
def secret(lab):
    return lab.credentials["giftapi"]["partner_secret"]


@pytest.fixture
def send(giftapi, secret):
    """`send(attempt)` posts a signed notice about it and gives the answer; `signed_by`, `at` and the order may differ."""

    def to_us(attempt=None, *, body=None, signed_by=secret, at=None, name="giftapi", **told):
        body = sender.body_of(attempt, **told) if body is None else body
        return sender.post(name, body, sender.headers_of(body, signed_by, at=at))

    return to_us


@pytest.fixture
def sku(giftapi, lab, now):
    """A voucher whose orders stay open at the supplier until `finish` is called."""
    lab.books["giftapi"].pace(seconds=3600)
    lab.books["giftapi"].deposit("USD", "500.00")
    return shop.mirror(giftapi, lambda product, price: product.kind == ProductKind.VOUCHER and price.price
                       and price.price < 30 and price.currency == "USD" and (price.stock or 0) > 10, now)


@pytest.fixture
def accepted(sku, now):
    """The attempt of an order that the supplier works on."""
    order = shop.confirmed(sku, now)
    shop.sweep_at(now)
    attempt = Attempt.objects.get(order=order)
    if attempt.state != "accepted":
        raise AssertionError(attempt.state)
    return attempt


@pytest.fixture
def finish(lab):
    """`finish(attempt)` lets the supplier complete it."""
    return partial(_finish, lab.books["giftapi"])


def _finish(books, attempt, outcome="completed"):
    books.settle(attempt.supplier_order_id, outcome)
