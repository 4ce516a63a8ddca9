"""What the jobs page shows: queues, workers, schedules with their last and next run, failures, regular work."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_q.models import Schedule, Task

from catalog.models import Supplier

from .machinery import Machinery, machinery
from .models import Heartbeat

WORK = {
    "probe": _("Health probe"), "balances": _("Balances"), "books": _("Books"), "walk": _("Catalog walk"),
    "prices": _("Prices"),
}
FAILURES_SHOWN = 20
LATE_AFTER = timedelta(minutes=2)  # the queue looks at its schedules every 30 s


@dataclass(frozen=True)
class Ring:
    """A schedule. `last_at` is when it last ended well or badly; `is_late` when its next run should be over."""

    name: str
    queue: str
    every: str
    last_at: datetime | None
    next_at: datetime
    is_late: bool


@dataclass(frozen=True)
class Piece:
    """Regular work for one supplier; `problem` is what the supplier or the network did the last time."""

    work: str
    supplier: str
    at: datetime
    problem: str


@dataclass(frozen=True)
class Jobs:
    """The page. `failures` hold name, queue, time and tries of failed tasks; never their payload."""

    machinery: Machinery
    rings: list[Ring]
    failures: list[dict]
    pieces: list[Piece]
    now: datetime


def jobs(*, now):
    """Everything the page shows; no task's payload is opened."""
    return Jobs(machinery(now=now), _rings(now), _failures(now), _pieces(), now)


def in_words(minutes):
    """`5 minutes`, `1 day`."""
    if minutes % (24 * 60) == 0:
        days = minutes // (24 * 60)
        return ngettext("%d day", "%d days", days) % days
    if minutes % 60 == 0:
        return ngettext("%d hour", "%d hours", minutes // 60) % (minutes // 60)
    return ngettext("%d minute", "%d minutes", minutes) % minutes


def _rings(now):
    ended = dict(Task.objects.exclude(group=None).values_list("group").annotate(at=Max("stopped")).order_by())
    return [
        Ring(row.name, row.cluster, in_words(row.minutes), ended.get(row.name), row.next_run,
             is_late=row.next_run < now - LATE_AFTER)
        for row in Schedule.objects.order_by("cluster", "name")
    ]


def _failures(now):
    failed = Task.objects.filter(success=False, stopped__gt=now - timedelta(days=7)).order_by("-stopped")
    return list(failed.values("func", "cluster", "stopped", "attempt_count")[:FAILURES_SHOWN])


def _pieces():
    names = dict(Supplier.objects.values_list("pk", "name"))
    rows = [(*row.name.partition(":")[::2], row) for row in Heartbeat.objects.order_by("name")]
    return [Piece(WORK.get(work, work), names[int(number)], row.at, row.detail) for work, number, row in rows
            if number.isdigit() and int(number) in names]
