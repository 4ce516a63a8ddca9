"""Choosing what to order: SKUs on sale by words or by the supplier's id, and those a person orders often."""

from django.db.models import Case, Q, When

from catalog.models import Product, Sku
from catalog.searching import with_words

from .models import Order

MOST = 30
LOOK_BACK = 40  # of one's own latest orders
USUAL = 6


def skus(text):
    """SKUs on sale that `text` may mean; none for an empty text.

    Products whose name begins so come first, then those that have it in their name; cheapest first within a product.
    """
    text = text.strip()
    if not text:
        return []
    products = with_words(Product.objects.filter(gone_at=None, is_active=True), text).order_by().values("pk")
    named = Q(product__in=products) | Q(supplier_ref=text, product__gone_at=None, product__is_active=True)
    found = Sku.objects.filter(named, gone_at=None, supplier__is_active=True)
    nearness = Case(When(product__name__istartswith=text, then=0), When(product__name__icontains=text, then=1), default=2)
    return list(_slim(found).order_by(nearness, "product__name", "product_id", "price", "id")[:MOST])


def usual_skus(*, by):
    """The SKUs of this person's latest orders that are still on sale, the latest first."""
    latest = list(Order.objects.filter(placed_by=by).order_by("-created_at").values_list("sku_id", flat=True)[:LOOK_BACK])
    wanted = list(dict.fromkeys(latest))[:USUAL]
    found = _slim(Sku.objects.filter(
        pk__in=wanted, gone_at=None, product__gone_at=None, product__is_active=True, supplier__is_active=True))
    return sorted(found, key=lambda sku: wanted.index(sku.pk))


def _slim(found):
    return found.select_related("product", "supplier").defer(
        "raw", "product__raw", "product__description", "product__search_text")
