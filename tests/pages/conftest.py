"""A small shop without a supplier behind it, for pages that only read rows."""

import itertools
import json
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from catalog import vault
from catalog.models import Product, Sku, Supplier
from funding import refreshing
from funding.models import Account
from orders.models import Attempt, Event, Order, Unit
from tests.orders.shop import mirror

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CANARY = "CANARY-9F3K-77QX-Z1Z2"
FINISHED = ("completed", "failed", "cancelled")
STATES = {"completed": "accepted", "partially_completed": "accepted", "failed": "rejected", "cancelled": "withdrawn"}


@pytest.fixture
def supplier(db):
    return Supplier.objects.create(name="quiet", api="giftapi", base_url="https://quiet.invalid")


@pytest.fixture
def account(supplier):
    return Account.objects.create(
        supplier=supplier, currency="USD", balance=Decimal(100), available=Decimal(100), read_at=NOON, state="ok")


@pytest.fixture
def make_sku(supplier):
    """A factory of SKUs, each of its own product; `fields` are the inputs its product needs."""
    numbers = itertools.count(1)

    def make(name="Example card 5 USD", *, product="Example card", fields=(), kind="voucher", **columns):
        n = next(numbers)
        seen = {"supplier": columns.pop("supplier", supplier), "first_seen_at": NOON, "changed_at": NOON}
        product = Product.objects.create(
            supplier_ref=f"product-{n}", name=product, kind=kind, fields=list(fields), search_text=product.lower(), **seen)
        columns = {"denomination": "fixed", "price": Decimal("5.20"), "currency": "USD", **columns}
        return Sku.objects.create(supplier_ref=f"sku-{n}", product=product, name=name, **columns, **seen)

    return make


@pytest.fixture
def voucher(make_sku, account):
    return make_sku(max_per_order=10, stock=50)


@pytest.fixture
def sold_voucher(giftapi, now):
    refreshing.read_balances(supplier=giftapi, now=now)
    return mirror(giftapi, lambda product, offer: product.kind == "voucher" and offer.denomination == "fixed"
                  and (offer.max_per_order or 0) > 1 and offer.stock != 0, now)


@pytest.fixture
def sold_open_voucher(giftapi, now):
    refreshing.read_balances(supplier=giftapi, now=now)
    return mirror(giftapi, lambda product, offer: product.kind == "voucher" and offer.denomination == "open", now)


@pytest.fixture
def sold_top_up(plexy, now):
    refreshing.read_balances(supplier=plexy, now=now)
    return mirror(
        plexy, lambda product, offer: product.kind == "top_up" and offer.denomination == "open" and offer.step, now)


@pytest.fixture
def make_order(voucher):
    """A factory of orders in any status, each with one attempt that fits it."""
    numbers = itertools.count(1)

    def make(status="completed", *, at=None, sku=None, **columns):
        n = next(numbers)
        at, sku = at or NOON - timedelta(minutes=n), sku or voucher
        parked = {"parked_reason": "funds", "parked_at": at} if status == "parked" else {}
        ends = {"finished_at": at} if status in FINISHED else {}
        order = Order.objects.create(**{
            "reference": f"T-{n:04d}", "submission_token": uuid.uuid4(), "payload_digest": "0" * 64,
            "supplier": sku.supplier, "sku": sku, "quantity": 1, "agreed_total": Decimal("5.20"), "currency": "USD",
            "status": status, "created_at": at, "changed_at": at, **parked, **ends, **columns})
        _attempt(order, at)
        Event.objects.create(order=order, at=at, kind="placed", text="Placed for 5.20 USD", by=order.placed_by)
        return order

    return make


@pytest.fixture
def make_unit():
    """A factory of delivered units of an order; the code is a canary unless another is given."""

    def make(order, code=CANARY, *, ordinal=1):
        attempt = order.attempts.get()
        content = {"code": code, "serial": f"SER-{code}", "expires_on": None, "details": {"pin": f"PIN-{code}"}}
        return Unit.objects.create(
            attempt=attempt, ordinal=ordinal, fingerprint=vault.fingerprints(code)[0], hint=code[-4:], created_at=NOON,
            sealed=vault.seal(json.dumps(content), place=f"unit:{attempt.ref}:{ordinal}"))

    return make


def _attempt(order, at):
    state, ref = STATES.get(order.status, order.status), str(uuid.uuid4())
    sent = {"first_sent_at": at, "last_sent_at": at, "send_count": 1} if state not in ("queued", "parked") else {}
    extra = {
        "queued": {"due_at": at},
        "sending": {"lease_until": at},
        "unknown": {"unknown_since": at, "due_at": at + timedelta(minutes=5)},
        "accepted": {"supplier_order_id": order.supplier_order_id or f"S-{ref[:8]}", "due_at": at + timedelta(minutes=5),
                     "outcome": {"completed": "completed", "partially_completed": "partial"}.get(order.status, "pending")},
        "parked": {"parked_reason": order.parked_reason, "parked_at": order.parked_at, "parked_total": order.parked_total},
    }.get(state, {})
    Attempt.objects.create(
        order=order, supplier=order.supplier, ref=ref, quantity=order.quantity, agreed_total=order.agreed_total,
        currency=order.currency, state=state, sealed_body=vault.seal("{}", place=f"attempt:{ref}:body"),
        body_digest="0" * 64, created_at=at, changed_at=at, queued_at=at, **sent, **extra)
