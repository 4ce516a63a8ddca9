"""Top-ups and a larger voucher order: one that takes hours, one that failed by a wrong input, one of seven codes."""

from datetime import timedelta

from catalog.models import Sku
from orders import receipts
from orders.models import Order

from . import buying

SUPPLIER = "octopus-demo"
GAME, PHONE, CARD = "PUBG Mobile UC", "Jio", "Amazon"


def show(lab, *, by, now):
    """Add these orders, once."""
    if Order.objects.filter(supplier__name=SUPPLIER, sku__product__kind="top_up").exists():
        return
    _slow(lab, by, now - timedelta(hours=3))
    _failed(by, now - timedelta(minutes=26))
    buying.buy(sku=_sku("recharge", PHONE), by=by, at=now - timedelta(minutes=21), number=61)
    buying.buy(sku=_sku("voucher", CARD), by=by, at=now - timedelta(minutes=17), quantity=7, number=62)


def _slow(lab, by, at):
    """The supplier still tries; whoever wants to know gets its receipt."""
    sku = _sku("top_up", GAME)
    lab.fail(sku.supplier.api, "create*", "hold")
    order = buying.buy(sku=sku, by=by, at=at, number=60)
    receipts.ask(order=order, email="support-desk@example.org", by=by, now=at + timedelta(minutes=40))
    receipts.carry_out(order_id=order.pk, now=at + timedelta(minutes=40))


def _failed(by, at):
    """Nobody plays under a number of zeros."""
    buying.buy(sku=_sku("top_up", GAME), by=by, at=at, fields={"player_id": "0000000000"}, number=63)


def _sku(kind, name):
    """The cheapest SKU of fixed amount of the product of that name, or of any of that kind."""
    found = Sku.objects.filter(supplier__name=SUPPLIER, product__kind=kind, denomination="fixed", gone_at=None)
    named = found.filter(product__name__contains=name)
    return (named if named.exists() else found).select_related("product", "supplier").order_by("price", "pk")[0]
