"""After an older copy of the database was put in place: it may believe unsent what was sent since."""

from datetime import timedelta

from django.db import transaction

from .lifecycle import tell
from .models import Attempt, Event
from .models.attempt import State

# By then no request of the time before the restore can still be accepted anywhere.
QUIET = timedelta(minutes=10)


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
