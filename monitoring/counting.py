"""The counts beside the navigation: work that waits for somebody."""

from collections import Counter

from django.db.models import Count

from orders.models import Order
from orders.models.order import NEEDS_PERSON

from .models import Alert

MONEY_KINDS = ("threshold", "exhausted", "unread")


def counts():
    """Counts by the navigation's words, in two queries."""
    alerts = Alert.objects.open().filter(acknowledged_at=None).values_list("key", flat=True)
    kinds = Counter(key.partition(":")[0] for key in alerts)
    waiting = dict(Order.objects.filter(status__in=NEEDS_PERSON).values_list("status").annotate(n=Count("id")).order_by())
    return {
        "unknown": waiting.get("unknown", 0),
        "parked": waiting.get("parked", 0),
        "accounts": sum(kinds[kind] for kind in MONEY_KINDS),
        "sync_failed": kinds["sync"],
        "alerts": kinds.total(),
    }
