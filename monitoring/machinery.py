"""Is the machinery itself alive: its queues, the workers behind them, and the loop of the runner."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min
from django_q.models import OrmQ, Task

from catalog.models import SyncRun

from .models import Heartbeat

QUEUES = ("orders", "catalog")
SILENT = timedelta(minutes=3)  # three missed rings of the heartbeat's schedule
LOOP = "loop:runner"


@dataclass(frozen=True)
class Queue:
    """`waiting` counts tasks that nobody has claimed, `oldest_s` is the age of the oldest of them (0: none).

    `alive_at` is the last proof of life: a heartbeat, a finished task or a walk in progress; None: never.
    """

    name: str
    waiting: int
    oldest_s: float
    alive_at: datetime | None
    is_alive: bool

    @property
    def state(self):
        """`alive`, `dead`, or `never` for a queue that has shown no life yet."""
        return "alive" if self.is_alive else "dead" if self.alive_at else "never"


@dataclass(frozen=True)
class Machinery:
    """`loop_at` is when the runner's own loop last finished a round, or went on with a long one; None: it has never run."""

    queues: tuple[Queue, ...]
    loop_at: datetime | None
    is_loop_alive: bool

    @property
    def dead_queues(self):
        return [queue for queue in self.queues if not queue.is_alive]

    @property
    def alive_at(self):
        """The last sign of life of anything."""
        return max((at for at in (self.loop_at, *(queue.alive_at for queue in self.queues)) if at), default=None)


def machinery(*, now):
    """How the machinery stands; four queries."""
    beats = dict(Heartbeat.objects.values_list("name", "at"))
    done = dict(Task.objects.values_list("cluster").annotate(at=Max("stopped")).order_by())
    walk_at = SyncRun.objects.filter(status=SyncRun.Status.RUNNING).aggregate(at=Max("heartbeat_at"))["at"]
    waiting = {key: (count, oldest) for key, count, oldest in OrmQ.objects.filter(lock__lte=now)
               .values_list("key").annotate(count=Count("id"), oldest=Min("lock")).order_by()}
    signs = {
        "orders": (beats.get("queue:orders"), done.get("orders"), done.get(None)),
        "catalog": (beats.get("queue:catalog"), done.get("catalog"), walk_at),
    }
    loop_at = beats.get(LOOP)
    return Machinery(tuple(_queue(name, signs[name], waiting.get(name), now) for name in QUEUES), loop_at,
                     is_loop_alive=loop_at is not None and now - loop_at <= SILENT)


def _queue(name, signs, waiting, now):
    count, oldest = waiting or (0, now)
    alive_at = max((at for at in signs if at), default=None)
    is_alive = alive_at is not None and now - alive_at <= SILENT
    return Queue(name, count, (now - oldest).total_seconds(), alive_at, is_alive)
