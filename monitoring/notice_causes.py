"""What a person should know about webhooks: that many are refused, or that they tell of orders which are not ours."""

from datetime import timedelta

from django.db.models import Count, Sum
from django.urls import reverse

from orders.models import Notice, NoticeRefusal
from orders.models.notice import Result

from .causes import WARNING, Cause

FORGED = ("signature", "time")
REFUSED_WITHIN = timedelta(minutes=20)  # counts stand in rows of ten minutes
REFUSED_BURST = 20
STRANGERS_WITHIN = timedelta(hours=24)


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
    found = Notice.objects.filter(result=Result.STRANGER, handled_at__gt=now - STRANGERS_WITHIN)
    for row in found.values("supplier", "supplier__name").annotate(n=Count("id")).order_by():
        counted = "a webhook" if row["n"] == 1 else f"{row['n']} webhooks"
        yield Cause(f"stranger:{row['supplier']}", WARNING,
                    f"{row['supplier__name']} sent {counted} about orders that were not placed here",
                    "Somebody else may buy with the same account. Compare with the supplier's own list.",
                    f"{reverse('monitoring:notices')}?supplier={row['supplier__name']}&result=stranger")
