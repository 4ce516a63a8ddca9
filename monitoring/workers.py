"""The background processes of Purser: one cluster per queue, and the loop that needs none of them."""

from django.db import DatabaseError, connection
from django.utils import timezone

from .machinery import QUEUES, machinery
from .running import Child, manage

LOOP_EVERY_S = 15


def children():
    """The children for a Runner."""
    clusters = [
        Child(f"{queue} queue", manage("qcluster"), {"Q_CLUSTER_NAME": queue}, is_silent=_silence_of(queue))
        for queue in QUEUES
    ]
    return [*clusters, Child("loop", manage("run_due", "--every", str(LOOP_EVERY_S)))]


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
