"""The background processes of Purser: one cluster per queue, and the loop that needs none of them."""

from django.db import DatabaseError, connection
from django.utils import timezone
from django_q.tasks import async_task

from .machinery import QUEUES, machinery
from .running import Child, Listener, manage

LOOP_EVERY_S = 15


def children(folder=None):
    """The children for a Runner; with `folder` each prints into a file there."""
    clusters = [
        Child(f"{queue} queue", manage("qcluster"), {"Q_CLUSTER_NAME": queue}, is_silent=_silence_of(queue),
              log=folder and folder / f"queue-{queue}.log")
        for queue in QUEUES
    ]
    loop = Listener()
    return [*clusters, Child("loop", manage("run_due", "--every", str(LOOP_EVERY_S)), is_silent=loop.is_silent,
                             mouth=loop.mouth, log=folder and folder / "loop.log")]


def ask_for_life():
    """Put a heartbeat into each queue, so that a worker that starts shows its life at once."""
    for queue in QUEUES:
        async_task(f"monitoring.tasks.beat_{queue}", cluster=queue)


def _silence_of(queue):
    return lambda: _is_silent(queue)


def _is_silent(name):
    """Whether the queue shows no life; an unreachable database is nobody's silence."""
    try:
        return not next(queue for queue in machinery(now=timezone.now()).queues if queue.name == name).is_alive
    except DatabaseError:
        return False
    finally:
        connection.close()
