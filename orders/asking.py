"""The order in the supplier layer's words."""

from catalog.suppliers.types import OrderRequest, ProductKind


def request_for(*, ref, sku, quantity, amount, fields, currency, is_test=False):
    """The OrderRequest of this purchase under our reference `ref`."""
    return OrderRequest(
        ref=ref, sku_ref=sku.supplier_ref, product_ref=sku.product.supplier_ref, kind=ProductKind(sku.product.kind),
        quantity=quantity, currency=currency, amount=amount, face_currency=sku.face_currency or sku.currency,
        category=sku.category,
        fields=dict(fields), is_test=is_test)


def request_of(attempt):
    """The OrderRequest of an attempt, the same each time."""
    order = attempt.order
    return request_for(
        ref=attempt.ref, sku=order.sku, quantity=attempt.quantity, amount=order.amount, fields=order.fields,
        currency=attempt.currency, is_test=order.is_test)
