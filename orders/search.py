"""Finding orders by whatever a person has in hand: an id, a reference, a recipient, a product's name.

Everything here asks an index: exact values and prefixes. Nothing searches inside all rows.
"""

import contextlib
import uuid

from django.db.models import Q

from catalog import gateway
from catalog.models import Product
from catalog.searching import with_words

from .models import Attempt, Order

SHORTEST_PREFIX = 3
MOST = 200  # of each kind: who has more hits than that types another letter


def exact(text):
    """The one order that `text` names by its id, its reference, the supplier's id or an attempt's reference; else None."""
    text = text.strip()
    if not text:
        return None
    named = Q(reference__in={text, text.upper()}) | Q(supplier_order_id__in=gateway.order_ids(text))
    with contextlib.suppress(ValueError):
        named |= Q(pk=uuid.UUID(text))
    found = list(Order.objects.filter(named)[:2]) or list(Order.objects.filter(pk__in=_by_attempt(text))[:2])
    return found[0] if len(found) == 1 else None


def among(orders, text):
    """Those of `orders` that `text` may mean, the newest ones where it may mean very many."""
    text = text.strip()
    if not text:
        return orders
    return orders.filter(pk__in=_by_id(text) | _by_prefix(text) | _by_product(text))


def _by_attempt(text):
    named = Q(ref=text.lower()) | Q(supplier_order_id__in=gateway.order_ids(text))
    return Attempt.objects.filter(named).order_by().values_list("order", flat=True)


def _by_id(text):
    named = Q(reference__in={text, text.upper()}) | Q(supplier_order_id__in=gateway.order_ids(text))
    return set(Order.objects.filter(named).order_by().values_list("pk", flat=True).union(_by_attempt(text))[:MOST])


def _by_prefix(text):
    if len(text) < SHORTEST_PREFIX:
        return set()
    starts = (Q(reference__startswith=text) | Q(reference__startswith=text.upper())
              | Q(recipient__startswith=text) | Q(recipient__startswith=f"+{text}"))
    return set(Order.objects.filter(starts).values_list("pk", flat=True)[:MOST])


def _by_product(text):
    if len(text) < SHORTEST_PREFIX:
        return set()
    products = with_words(Product.objects.order_by(), text)
    found = list(products.values_list("pk", flat=True)[:MOST])
    orders = Order.objects.filter(sku__product__in=found).order_by("-created_at", "-id")
    return set(orders.values_list("pk", flat=True)[:MOST])
