"""What the machinery does by the clock, declared once, and laid down in the queue's own table by `install`.

A schedule only rings: what is really due stands in our rows (`monitoring.rounds`), so a missed, doubled or late ring does no
harm. The queue looks at its schedules every 30 seconds, so nothing here is finer than a minute.
"""

from dataclasses import dataclass
from datetime import timedelta

from django_q.models import Schedule


@dataclass(frozen=True)
class Declared:
    """`func` rings in `queue` every `minutes`."""

    name: str
    func: str
    minutes: int = 1
    queue: str = "orders"


SCHEDULES = (
    Declared("Heartbeat of the orders queue", "monitoring.tasks.beat_orders"),
    Declared("Heartbeat of the catalog queue", "monitoring.tasks.beat_catalog", queue="catalog"),
    Declared("Order work that is due", "orders.tasks.run_due"),
    Declared("Thresholds, alerts and their e-mail", "monitoring.tasks.watch"),
    Declared("Health probes", "monitoring.tasks.probe"),
    Declared("Balances and books", "monitoring.tasks.refresh_funding"),
    Declared("Catalog walks and comparisons of orders", "monitoring.tasks.start_syncs", minutes=5),
    Declared("Check of orders and their money", "monitoring.tasks.audit", minutes=24 * 60, queue="catalog"),
    Declared("Pruning of old probes and sessions", "monitoring.tasks.prune", minutes=24 * 60),
)


@dataclass(frozen=True)
class Laid:
    """How many schedules an install added, changed and removed."""

    added: int
    changed: int
    removed: int


def install(*, now):
    """Make the queue's table say what SCHEDULES says; runs inside the installer's lock. Next runs are kept."""
    rows = {row.name: row for row in Schedule.objects.order_by("-id")}  # of twins the oldest is kept
    kept = [_lay_down(declared, rows.get(declared.name), now) for declared in SCHEDULES]
    removed, _ = Schedule.objects.exclude(pk__in=[row.pk for row, _, _ in kept]).delete()
    return Laid(sum(added for _, added, _ in kept), sum(changed for _, _, changed in kept), removed)


def _lay_down(declared, row, now):
    if row is None:
        return Schedule.objects.create(next_run=now, **_columns(declared)), 1, 0
    return row, 0, _set_right(row, declared, now)


def _columns(declared):
    return {
        "name": declared.name, "func": declared.func, "schedule_type": Schedule.MINUTES, "minutes": declared.minutes,
        "repeats": -1, "cluster": declared.queue, "hook": None, "args": None, "kwargs": None, "cron": None,
    }


def _set_right(row, declared, now):
    wrong = {name: value for name, value in _columns(declared).items() if getattr(row, name) != value}
    if row.next_run is None or row.next_run > now + timedelta(minutes=declared.minutes):
        wrong["next_run"] = now
    return Schedule.objects.filter(pk=row.pk).update(**wrong) if wrong else 0
