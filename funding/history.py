"""What an account's available amount did over time, in few enough points to draw and to read."""

from datetime import timedelta

from django.db.models import Min
from django.db.models.functions import TruncDay, TruncHour

POINTS_MAX = 200


def points(*, account, days, now):
    """(instant, available) pairs of the last `days`, oldest first, at most about POINTS_MAX of them.

    Every change is shown where that is few enough; otherwise the lowest amount of each hour, or of each day: a dip that
    lasted a minute is what people look for.
    """
    readings = account.readings.filter(fetch_started_at__gt=now - timedelta(days=days)).order_by("fetch_started_at")
    if days <= 1:
        changes = _changes(list(readings.values_list("fetch_started_at", "available")))
        if len(changes) <= POINTS_MAX:
            return changes
    truncate = TruncHour if days <= 8 else TruncDay
    spans = readings.annotate(span=truncate("fetch_started_at")).values("span").annotate(lowest=Min("available"))
    return list(spans.order_by("span").values_list("span", "lowest"))


def _changes(points):
    """`points` without those between two equal ones; the line drawn through the rest is the same."""
    return [point for at, point in enumerate(points)
            if at in (0, len(points) - 1) or not points[at - 1][1] == point[1] == points[at + 1][1]]
