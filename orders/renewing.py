"""Buying under a new reference what the supplier goes on refusing under the old one. The only case Purser decides itself.

A supplier that stores its answers by key repeats "balance too low" for ever, although money came. Once it has said so
twice, and complete searches found nothing, the old reference is dead and the same purchase gets a new one.
"""

from django.db import transaction

from funding import reserving

from . import chunking, observing, placing
from .lifecycle import begin, move
from .models import Observation
from .models.attempt import State


def renew(*, attempt, now):
    """Declare an unknown attempt absent and begin the next one; gives that, or None where somebody else moved it first.

    The caller has proven the absence. The money set aside goes over; where it is gone meanwhile, the new one is parked.
    """
    fresh = placing.new_attempt(order=attempt.order, chunk=attempt.chunk, n=attempt.n + 1, quantity=attempt.quantity,
                                total=attempt.agreed_total, now=now)
    with transaction.atomic():
        locked = observing.lock(attempt.pk)
        if locked.state != State.UNKNOWN or locked.lease_epoch != attempt.lease_epoch:
            return None
        Observation.objects.create(
            attempt=locked, at=now, source=Observation.Source.FIND, outcome=State.PROVEN_ABSENT, rank=100, applied=True,
            reason="Refused twice with the money there; two complete searches found no order")
        reserving.release(attempt_ref=locked.ref, now=now)
        move(attempt=locked, to=State.PROVEN_ABSENT, now=now, lease_until=None, due_at=None, unknown_since=None,
             text="Proven absent: the supplier repeats a stored refusal, and two complete searches found no order")
        fresh.order = locked.order
        account = reserving.lock(supplier_id=locked.supplier_id, currency=locked.currency)
        short = placing.set_aside(account, [fresh], now)
        begin(attempt=fresh, now=now, text=short or "Sending under a new reference")
        if fresh.state == State.QUEUED:
            chunking.ring(fresh.pk)
        return fresh
