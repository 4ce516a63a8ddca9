"""What the answers of Paper Cards mean."""

from catalog.suppliers.decoding import currency, ident, money, need, price, text
from catalog.suppliers.errors import NotEnoughFunds, Unauthorised
from catalog.suppliers.judging import Rule
from catalog.suppliers.types import (
    BalanceReading,
    Delivery,
    Denomination,
    Offer,
    Outcome,
    Placement,
    ProductKind,
    ProductRow,
    Quote,
    TypeRow,
)

OUTCOMES = {"printing": Outcome.PENDING, "printed": Outcome.COMPLETED, "torn": Outcome.FAILED}
TYPES = (TypeRow(ref="paper", code="paper", name="Printed voucher", kind=ProductKind.VOUCHER),)
RULES = (
    Rule("purchase", (402,), "", NotEnoughFunds, "The wallet does not cover this order."),
    Rule("any", (401,), "", Unauthorised, "The supplier does not accept the key.", needs_words=False),
)


def read_card(node):
    ref = need(ident(node, "id"), "card id")
    name = text(node, "name")
    offer = Offer(ref=ref, product_ref=ref, name=name, denomination=Denomination.FIXED,
                  price=price(node, "price"), currency=currency(node, "currency"), max_per_order=5, raw=node)
    return ProductRow(ref=ref, name=name, kind=ProductKind.VOUCHER, type_ref="paper", offers=(offer,), raw=node)


def read_quote(node, *, quantity, fee, fetched_at):
    unit = need(price(node, "price"), "price") + fee
    return Quote(sku_ref=ident(node, "id"), total=unit * quantity, currency=currency(node, "currency"), unit_price=unit,
                 is_estimate=False, fetched_at=fetched_at, max_per_order=5)


def read_order(node):
    word = text(node, "state")
    outcome = OUTCOMES.get(word, Outcome.UNKNOWN)
    codes = node.get("codes") or [] if outcome == Outcome.COMPLETED else []
    return Placement(
        order_id=need(ident(node, "id"), "order id"), ref=ident(node, "ref"), outcome=outcome, word=word,
        total=price(node, "total"), currency=currency(node, "currency"), sku_ref=ident(node, "card"),
        deliveries=tuple(Delivery(code=code) for code in codes), raw=node)


def read_balance(node):
    amount = need(money(node, "balance"), "balance")
    return BalanceReading(currency=currency(node, "currency"), balance=amount, available=amount, raw=node)
