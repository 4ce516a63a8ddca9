"""Counting refused notices, without letting whoever sends them fill the disk or keep the database busy."""

import threading
import time
from collections import Counter
from datetime import timedelta

from django.db import connection
from django.db.models import Max, Sum

from .models import NoticeRefusal

BUCKET_S = 600
WRITES_PER_S = 20
KEEP = timedelta(days=30)

ADD = """
INSERT INTO orders_noticerefusal (supplier_id, reason, since, count, last_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (supplier_id, reason, since)
DO UPDATE SET count = orders_noticerefusal.count + excluded.count, last_at = excluded.last_at
"""


class Tally:
    """Counts of one process. Up to WRITES_PER_S a second are written one by one; what comes faster is added up."""

    def __init__(self, clock=time.monotonic):
        self._clock, self._lock = clock, threading.Lock()
        self._held, self._second, self._writes = Counter(), None, 0

    def add(self, key):
        """Count one of `key`; gives how many are to be written now, 0 for none yet."""
        with self._lock:
            self._held[key] += 1
            second = int(self._clock())
            if second != self._second:
                self._second, self._writes = second, 0
            if self._writes >= WRITES_PER_S:
                return 0
            self._writes += 1
            return self._held.pop(key)


_tally = Tally()


def count(*, supplier, reason, now):
    """Note that a notice that says it comes from `supplier` was refused for `reason`."""
    number = _tally.add((supplier.pk, reason))
    if number:
        since, at = (connection.ops.adapt_datetimefield_value(one) for one in (_bucket(now), now))
        with connection.cursor() as cursor:
            cursor.execute(ADD, (supplier.pk, reason, since, number, at))


def recent(*, since):
    """Refusals since then: rows of supplier name, reason, number and the last time."""
    rows = NoticeRefusal.objects.filter(since__gte=_bucket(since))
    return list(rows.values("supplier", "supplier__name", "reason").annotate(
        n=Sum("count"), last=Max("last_at")).order_by("supplier__name", "reason"))


def forget(*, now):
    """Delete old counts; gives how many rows."""
    return NoticeRefusal.objects.filter(since__lt=now - KEEP).delete()[0]


def _bucket(at):
    return at.replace(microsecond=0) - timedelta(seconds=at.timestamp() // 1 % BUCKET_S)
