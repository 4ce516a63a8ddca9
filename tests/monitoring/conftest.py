"""Rows that several tests of monitoring start from."""

import uuid
from decimal import Decimal

import pytest

from catalog.models import Product, Sku, Supplier
from funding.models import Account
from orders.models import Attempt, Order


@pytest.fixture
def supplier(db, now):
    """A supplier that nobody calls."""
    return Supplier.objects.create(name="plexy", api="plexy_gate", base_url="http://127.0.0.1:9/plexy_gate")


@pytest.fixture
def account(supplier, now):
    """A healthy account of `supplier`, read just now."""
    return Account.objects.create(supplier=supplier, currency="USD", balance=500, available=500, read_at=now, state="ok")


@pytest.fixture
def sku(supplier, now):
    product = Product.objects.create(supplier=supplier, supplier_ref="p1", name="Voucher", kind="voucher",
                                     first_seen_at=now, changed_at=now)
    return Sku.objects.create(supplier=supplier, supplier_ref="s1", product=product, name="Voucher 10", price=10,
                              currency="USD", denomination="fixed", first_seen_at=now, changed_at=now)


@pytest.fixture
def place(sku, now):
    """A factory: an order row in any status, as the domain would leave it."""

    def make(status="completed", *, at=now, needs_review=False, **columns):
        if status == "parked":
            columns = {"parked_reason": "funds", "parked_at": at, **columns}
        if status in ("completed", "failed", "cancelled"):
            columns["finished_at"] = at
        return Order.objects.create(
            reference=f"P-{uuid.uuid4().hex[:8]}", submission_token=uuid.uuid4(), payload_digest="0" * 64,
            supplier=sku.supplier, sku=sku, quantity=1, agreed_total=Decimal("10.00"), currency="USD", status=status,
            needs_review=needs_review, created_at=at, changed_at=at, **columns)

    return make


@pytest.fixture
def attempt(now):
    """A factory: the attempt of an order whose outcome is unknown since `since`."""

    def make(order, *, since):
        return Attempt.objects.create(
            order=order, supplier=order.supplier, ref=uuid.uuid4().hex, quantity=1, agreed_total=order.agreed_total,
            currency=order.currency, state="unknown", sealed_body="x", body_digest="0" * 64, unknown_since=since, due_at=now,
            send_count=1, first_sent_at=since, last_sent_at=since, queued_at=since, created_at=since, changed_at=now)

    return make
