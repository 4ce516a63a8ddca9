"""After an older copy of the database was put in place: it may believe unsent what was sent since.

A file beside the spool keeps the key of a call that stood in the log. A database that does not know it is an older copy,
and nothing is sent from it before what waits has been doubted.
"""

import os
import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from catalog.models import Call

from .lifecycle import tell
from .models import Attempt, Event
from .models.attempt import State

# By then no request of the time before the restore can still be accepted anywhere.
QUIET = timedelta(minutes=10)
LAST_CALL = "last_call"


def doubt_what_is_unsent(*, now):
    """Every attempt that waits to be sent is looked up at its supplier before it may go; gives how many that concerns.

    What is queued waits ten minutes for that; what is parked is looked up when it is released.
    """
    with transaction.atomic():
        waiting = list(Attempt.objects.select_for_update().filter(
            state__in=(State.QUEUED, State.PARKED), looks_first=False).values_list("pk", "order_id", "state"))
        Attempt.objects.filter(pk__in=[pk for pk, _, _ in waiting]).update(looks_first=True)
        Attempt.objects.filter(pk__in=[pk for pk, _, state in waiting if state == State.QUEUED]).update(due_at=now + QUIET)
        for _, order_id, _ in waiting:
            tell(order_id=order_id, kind=Event.Kind.NOTE, now=now,
                 text="An older copy of the database was restored: looked up at the supplier before anything is sent")
    return len(waiting)


def is_older_copy():
    """Whether the database does not know a call that this machine has seen in it."""
    key = _kept()
    return key is not None and not Call.objects.filter(key=key).exists()


def notice(*, now):
    """Doubt what is unsent if the database is an older copy; whether it is. Keeps the latest call for the next time."""
    is_older = is_older_copy()
    if is_older:
        doubt_what_is_unsent(now=now)
    keep_last_call()
    return is_older


def keep_last_call():
    """From now on this database is the one to go by."""
    last, path = Call.objects.order_by("-pk").values_list("key", flat=True).first(), settings.VAR_DIR / LAST_CALL
    if last == _kept():
        return
    if last is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(str(last))
    os.replace(fresh, path)


def _kept():
    try:
        return uuid.UUID((settings.VAR_DIR / LAST_CALL).read_text())
    except (FileNotFoundError, ValueError):  # the first time, or a file that a power cut left empty: nothing is known
        return None
