"""The counts beside the navigation: work that waits for somebody."""

from collections import Counter

from django.db.models import Case, Count, Value, When

from orders.models import Order
from orders.models.order import NEEDS_PERSON
from orders.models.parking import ParkReason

from .models import Alert

MONEY_KINDS = ("threshold", "exhausted", "unread")


def counts():
    """Counts by the navigation's words, in one query."""
    alerts = Alert.objects.open().filter(acknowledged_at=None).values_list("key", Value(1))
    word = Case(
        When(parked_reason=ParkReason.APPROVAL, then=Value("approval")), When(status__in=NEEDS_PERSON, then="status"),
        default=Value("review"))
    orders = Order.objects.needing_a_person().order_by().annotate(word=word).values_list("word", Count("id"))
    kinds = Counter()
    for word, n in alerts.union(orders, all=True):
        kinds[word.partition(":")[0] if ":" in word else f"order {word}"] += n
    return {
        "unknown": kinds.pop("order unknown", 0),
        "parked": kinds.pop("order parked", 0),
        "approvals": kinds.pop("order approval", 0),
        "review": kinds.pop("order review", 0),
        "accounts": sum(kinds[kind] for kind in MONEY_KINDS),
        "sync_failed": kinds["sync"],
        "transactions": kinds["transactions"],
        "alerts": kinds.total(),
    }
