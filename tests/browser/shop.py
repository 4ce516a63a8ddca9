"""A shop with something on every page: two suppliers of the lab, their catalogs and books, orders in many states."""

import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest

from catalog import clock, sync
from catalog.models import Sku
from funding import refreshing
from monitoring import alerting
from orders import placing, quoting, sweep, terms
from orders.models import Order, SpendLimit


@pytest.fixture
def shop(lab, plexy, giftapi, staff):
    """`shop.orders["unknown"]` and so on; `shop.voucher` can be bought; GiftAPI's dollar account is overdrawn."""
    for supplier in (plexy, giftapi):
        sync.sync(supplier=supplier, started_by="test", now=clock.now())
        refreshing.refresh(supplier=supplier, now=clock.now())
    alerting.raise_alert(
        key="overdrawn:giftapi", severity="critical", title="giftapi USD is overdrawn", text="Deposit soon.",
        url="/funding/", now=clock.now())
    voucher = cheapest(giftapi, "USD")
    orders = {
        "completed": placed(voucher, "SHOP-1"),
        "parked": placed(dearest(plexy, "EUR"), "SHOP-2"),
    }
    lab.fail("giftapi", "createOrder", "reset", when="after")
    orders["unknown"] = placed(voucher, "SHOP-3", minutes=0)
    lab.fail("plexy_gate", "createOrder", "finish")
    orders["failed"] = placed(cheapest(plexy, "USD"), "SHOP-5")
    lab.fail("plexy_gate", "createOrder", "hold")
    orders["accepted"] = placed(cheapest(plexy, "USD"), "SHOP-4")
    orders["parts"] = placed(cheapest(plexy, "USD"), "SHOP-6", quantity=3)
    buyer = staff("operations", username="buyer")
    SpendLimit.objects.create(user=buyer, currency="USD", per_day=1)
    orders["approval"] = placed(cheapest(plexy, "USD"), "SHOP-7", by=buyer)
    return SimpleNamespace(lab=lab, plexy=plexy, giftapi=giftapi, voucher=voucher, orders=orders)


def cheapest(supplier, currency):
    return _vouchers(supplier, currency).order_by("price", "pk").first()


def dearest(supplier, currency):
    return _vouchers(supplier, currency).order_by("-price", "pk").first()


def placed(sku, reference, minutes=2, **asked):
    """An order for one `sku`, sent and followed as far as it goes at once."""
    order = confirmed(sku, reference, **asked)
    work_off(order, minutes)
    return Order.objects.get(pk=order.pk)


def confirmed(sku, reference, quantity=1, by=None):
    """An order for one `sku`, or more, that is about to be sent."""
    wanted = terms.check(sku=sku, quantity=quantity, amount=None, fields={})
    quote = quoting.fetch(quote=quoting.record(sku=sku, terms=wanted, by=None, now=clock.now()), now=clock.now())
    return placing.confirm(
        token=uuid.uuid4(), sku=sku, terms=wanted, quote=quote, reference=reference, by=by, now=clock.now(), repeat=True)


def work_off(order, minutes):
    """Do what a worker would do for `order` in the next minutes."""
    for minute in range(minutes + 1):
        sweep.run_order(order_id=order.pk, now=clock.now() + timedelta(minutes=minute))


def _vouchers(supplier, currency):
    return Sku.objects.filter(
        supplier=supplier, product__kind="voucher", currency=currency, denomination="fixed", gone_at=None,
        price__gt=0).exclude(stock=0)
