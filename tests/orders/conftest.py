"""Rows to start from, without a supplier behind them."""

import hashlib
import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import transaction

from catalog import vault
from catalog.models import Product, Sku, Supplier
from catalog.suppliers.types import Outcome, ProductKind
from funding import reserving
from funding.models import Account, Entry
from orders.models import Attempt, Order, SpendLimit
from tests import proxy

from .refunds import tell
from .shop import attempt_of, confirmed, mirror, operation, run_until

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def noon():
    return NOON


@pytest.fixture
def supplier(db):
    return Supplier.objects.create(name="quiet", api="giftapi", base_url="https://quiet.invalid")


@pytest.fixture
def voucher(supplier):
    seen = {"supplier": supplier, "first_seen_at": NOON, "changed_at": NOON}
    product = Product.objects.create(supplier_ref="product-1", name="Example card", kind="voucher", **seen)
    return Sku.objects.create(
        supplier_ref="sku-1", product=product, name="Example card 5 USD", denomination="fixed", price=Decimal("5.2"),
        currency="USD", **seen)


@pytest.fixture
def account(supplier):
    return Account.objects.create(
        supplier=supplier, currency="USD", balance=Decimal(100), available=Decimal(100), read_at=NOON)


@pytest.fixture
def make_attempt(voucher, account):
    """A factory of attempts in any state, each with its order and, where it holds money, its reservation."""

    def make(state="queued", *, quantity=1, total="5.20", at=NOON, **columns):
        ref, status = str(uuid.uuid4()), STATUS.get(state, state)
        parked = {"parked_reason": "funds", "parked_at": at} if state == "parked" else {}
        order = Order.objects.create(
            reference=f"T-{ref[:8]}", submission_token=uuid.uuid4(), payload_digest="0" * 64, supplier=voucher.supplier,
            sku=voucher, quantity=quantity, agreed_total=Decimal(total), currency="USD", status=status, created_at=at,
            changed_at=at, finished_at=at if status in ("failed", "cancelled") else None, **parked)
        attempt = Attempt.objects.create(
            order=order, supplier=voucher.supplier, ref=ref, quantity=quantity, agreed_total=Decimal(total),
            currency="USD", state=state, **parked, sealed_body=vault.seal("{}", place=f"attempt:{ref}:body"),
            body_digest=hashlib.sha256(b"{}").hexdigest(), created_at=at, changed_at=at, queued_at=at,
            **{**STATE_COLUMNS.get(state, lambda at: {})(at), **columns})
        if state in ("queued", "sending", "unknown"):
            reserve(attempt, at)
        return attempt

    return make


def reserve(attempt, at):
    with transaction.atomic():
        account = reserving.lock(supplier_id=attempt.supplier_id, currency=attempt.currency)
        reserving.reserve(account=account, attempt_ref=attempt.ref, amount=attempt.agreed_total, now=at)


STATUS = {"rejected": "failed", "proven_absent": "cancelled", "withdrawn": "cancelled"}
STATE_COLUMNS = {
    "queued": lambda at: {"due_at": at},
    "sending": lambda at: {"lease_until": at, "first_sent_at": at, "last_sent_at": at, "send_count": 1},
    "unknown": lambda at: {
        "unknown_since": at, "first_sent_at": at, "last_sent_at": at, "send_count": 1, "due_at": at},
    "accepted": lambda at: {
        "supplier_order_id": str(uuid.uuid4()), "first_sent_at": at, "last_sent_at": at, "send_count": 1,
        "outcome": "pending", "due_at": at},
}


@pytest.fixture(params=["plexy", "giftapi", "octopus"])
def sku(request, db, lab, now):
    """A voucher at each supplier in turn, with money to buy it. `db` by name: what is only asked for later sets up none."""
    supplier = request.getfixturevalue(request.param)
    if request.param == "octopus":  # the other goods there cost two more questions each to mirror
        Supplier.objects.filter(pk=supplier.pk).update(settings={"verticals": ["voucher"]})
        supplier.refresh_from_db()
    for currency in list(lab.books[supplier.api].balances):
        lab.books[supplier.api].deposit(currency, "1000.00")
    lab.books[supplier.api].pace(seconds=0, reads=0)
    return mirror(supplier, lambda product, price: product.kind == ProductKind.VOUCHER and price.price
                  and price.price < 30 and price.currency == "USD", now)


@pytest.fixture
def wire(sku, lab):
    """The proxy through which everything goes that is asked of the supplier of `sku`."""
    between = proxy.Proxy(int(lab.url.rpartition(":")[2]))
    sku.supplier.base_url = f"http://127.0.0.1:{between.port}/{sku.supplier.api}"
    Supplier.objects.filter(pk=sku.supplier_id).update(base_url=sku.supplier.base_url)
    yield between
    between.stop()


@pytest.fixture
def books(sku, lab):
    return lab.books[sku.supplier.api]


@pytest.fixture
def sku_of_two(giftapi, lab, now):
    """A voucher of which the supplier takes at most two at once."""
    lab.books["giftapi"].deposit("USD", "1000.00")
    lab.books["giftapi"].pace(seconds=0, reads=0)
    sku = mirror(giftapi, lambda product, price: product.kind == ProductKind.VOUCHER and price.price
                 and price.price < 30 and price.currency == "USD" and (price.stock or 99) > 20, now)
    lab.books["giftapi"].set_max_per_order(sku.supplier_ref, 2)
    Sku.objects.filter(pk=sku.pk).update(max_per_order=2)
    sku.max_per_order = 2
    return sku


@pytest.fixture
def buyer(staff):
    return staff("operations")


@pytest.fixture
def finance(staff):
    return staff("finance")


@pytest.fixture
def limit_of_two(sku_of_two):
    """Two units a day, for everybody."""
    return SpendLimit.objects.create(currency="USD", per_day=sku_of_two.price * 2)


@pytest.fixture
def lost(sku, lab, now):
    """An order that was bought and whose answer was lost, at a supplier whose look-ups fail."""
    lab.fail(sku.supplier.api, operation("createOrder", sku), "close", times=None, when="after")
    lab.fail(sku.supplier.api, operation("listOrders", sku), "error", times=None)
    order = run_until(confirmed(sku, now), now, stop=["unknown"])
    return attempt_of(order)


@pytest.fixture
def book(account, noon):
    """A factory of rows in the supplier's books."""
    def row(amount, *, order_id="", remark="", at=noon, **columns):
        return Entry.objects.create(**{
            "supplier": account.supplier, "account": account, "kind": "transaction", "word": "refund", "status": "posted",
            "supplier_key": f"row-{Entry.objects.count()}", "amount": Decimal(amount), "currency": "USD",
            "order_id": order_id, "external_ref": remark, "occurred_at": at, "first_seen_at": at, **columns})

    return row


@pytest.fixture
def short(make_attempt, noon):
    """Two of four were delivered, of an order that cost 20."""
    attempt = make_attempt("accepted", quantity=4, total="20.00", supplier_order_id="there-1")
    return tell(attempt, noon, Outcome.PARTIAL, codes=["TEST-CODE-0001", "TEST-CODE-0002"])
