"""What a person should know about webhooks: many are refused, tell of orders that are not ours, or cannot be confirmed."""

from datetime import timedelta

from django.db.models import Count, Sum
from django.urls import reverse

from orders.models import Notice, NoticeRefusal
from orders.models.notice import Result

from .causes import WARNING, Cause

FORGED = ("signature", "time")
REFUSED_WITHIN = timedelta(minutes=20)  # counts stand in rows of ten minutes
REFUSED_BURST = 20
TOLD_FOR = timedelta(hours=24)


def forged(now):
    """Many in a short time that are not signed with our secret: it was changed, or somebody tries doors."""
    refused = NoticeRefusal.objects.filter(since__gt=now - REFUSED_WITHIN, reason__in=FORGED, supplier__is_active=True)
    for row in refused.values("supplier", "supplier__name").annotate(n=Sum("count")).order_by():
        if row["n"] >= REFUSED_BURST:
            yield Cause(f"forged:{row['supplier']}", WARNING,
                        f"{row['n']} webhooks that say they come from {row['supplier__name']} were refused",
                        "Their signature or time is wrong. Compare the webhook secret with the supplier's, and the clock.",
                        reverse("monitoring:notices"))


def strangers(now):
    """Those of the last day about orders that were not placed here."""
    for supplier, name, counted in _ended(Result.STRANGER, now):
        yield Cause(f"stranger:{supplier}", WARNING, f"{name} sent {counted} about orders that were not placed here",
                    "Somebody else may buy with the same account. Compare with the supplier's own list.",
                    _list(name, Result.STRANGER))


def stuck(now):
    """Those given up within the last day, because the supplier could not be asked or did not confirm them."""
    for supplier, name, counted in _ended(Result.STUCK, now):
        yield Cause(f"stuck:{supplier}", WARNING, f"What {name} told in {counted} could not be confirmed for a day",
                    "Look at their orders, then replay them.", _list(name, Result.STUCK))


def _ended(result, now):
    """(supplier, its name, how many in words) for notices that came to `result` within TOLD_FOR."""
    found = Notice.objects.filter(result=result, handled_at__gt=now - TOLD_FOR).values("supplier", "supplier__name")
    for row in found.annotate(n=Count("id")).order_by():
        yield row["supplier"], row["supplier__name"], "a webhook" if row["n"] == 1 else f"{row['n']} webhooks"


def _list(name, result):
    return f"{reverse('monitoring:notices')}?supplier={name}&result={result.value}"
