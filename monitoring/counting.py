"""The counts beside the navigation: work that waits for somebody."""

from collections import Counter

from django.db.models import Count, Value

from orders.models import Order
from orders.models.order import NEEDS_PERSON

from .models import Alert

MONEY_KINDS = ("threshold", "exhausted", "unread")


def counts():
    """Counts by the navigation's words, in one query."""
    alerts = Alert.objects.open().filter(acknowledged_at=None).values_list("key", Value(1))
    orders = Order.objects.filter(status__in=NEEDS_PERSON).order_by().values_list("status", Count("id"))
    kinds = Counter()
    for word, n in alerts.union(orders, all=True):
        kinds[word.partition(":")[0] if ":" in word else f"order {word}"] += n
    return {
        "unknown": kinds.pop("order unknown", 0),
        "parked": kinds.pop("order parked", 0),
        "accounts": sum(kinds[kind] for kind in MONEY_KINDS),
        "sync_failed": kinds["sync"],
        "transactions": kinds["transactions"],
        "alerts": kinds.total(),
    }
