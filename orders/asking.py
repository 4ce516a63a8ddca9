"""The order in the supplier layer's words, and what it asks of a buyer."""

from django.utils.translation import gettext_lazy as _

from catalog import gateway
from catalog.suppliers.esims import ICCID_FIELD
from catalog.suppliers.types import OrderRequest, ProductKind

ICCID_INPUT = {
    "name": ICCID_FIELD, "label": _("ICCID of the eSIM to top up"), "kind": "digits", "required": False,
    "hint": _("Leave it empty to sell a new eSIM."),
}


def inputs_of(sku):
    """The inputs of an order of `sku`: what its product asks for, and which eSIM to add it to where that can be chosen."""
    return [*sku.product.fields, *([ICCID_INPUT] if _can_top_up(sku) else [])]


def told_of(order):
    """`(label, value)` of what the buyer gave, in the words of the form."""
    labels = {field["name"]: field.get("label") or field["name"] for field in inputs_of(order.sku)}
    return [(labels.get(name, name), value) for name, value in order.fields.items()]


def request_for(*, ref, sku, quantity, amount, fields, currency, is_test=False):
    """The OrderRequest of this purchase under our reference `ref`."""
    fields = dict(fields)
    iccid = fields.pop(ICCID_FIELD, "") if _can_top_up(sku) else ""
    return OrderRequest(
        ref=ref, sku_ref=sku.supplier_ref, product_ref=sku.product.supplier_ref, kind=ProductKind(sku.product.kind),
        quantity=quantity, currency=currency, amount=amount, face_currency=sku.face_currency or sku.currency,
        category=sku.category, iccid=iccid, fields=fields, is_test=is_test)


def request_of(attempt):
    """The OrderRequest of an attempt, the same each time."""
    order = attempt.order
    return request_for(
        ref=attempt.ref, sku=order.sku, quantity=attempt.quantity, amount=order.amount, fields=order.fields,
        currency=attempt.currency, is_test=order.is_test)


def _can_top_up(sku):
    return (sku.product.kind == ProductKind.ESIM and not sku.is_open and gateway.traits(sku.supplier).tops_up_esims
            and all(field["name"] != ICCID_FIELD for field in sku.product.fields))
