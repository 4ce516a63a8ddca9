"""The only place where an attempt or an order changes its state.

Every move is a conditional UPDATE of the attempt, the order's status folded from its attempts, and one event that names
who and why: all in the caller's transaction. Lock order: account, order, attempt, unit.
"""

from django.db.transaction import get_connection

from catalog.suppliers.types import Outcome

from .models import Attempt, Event, Order
from .models.attempt import DEAD, State
from .models.order import FINAL, Status

# A late answer may show that a queued or parked attempt was accepted after all: the supplier's truth wins.
MOVES = {
    State.QUEUED: {State.SENDING, State.PARKED, State.REJECTED, State.WITHDRAWN, State.ACCEPTED},
    State.SENDING: {State.ACCEPTED, State.REJECTED, State.PARKED, State.QUEUED, State.UNKNOWN},
    State.UNKNOWN: {State.ACCEPTED, State.REJECTED, State.PARKED, State.QUEUED, State.PROVEN_ABSENT},
    State.PARKED: {State.QUEUED, State.WITHDRAWN, State.ACCEPTED},
    State.ACCEPTED: {State.ACCEPTED},
    State.REJECTED: set(),
    State.PROVEN_ABSENT: set(),
    State.WITHDRAWN: set(),
}
ACCEPTED_STATUS = {
    Outcome.UNKNOWN: Status.ACCEPTED,
    Outcome.PENDING: Status.ACCEPTED,
    Outcome.PARTIAL: Status.PARTIALLY_COMPLETED,
    Outcome.COMPLETED: Status.COMPLETED,
    Outcome.FAILED: Status.FAILED,
    Outcome.CANCELLED: Status.CANCELLED,
}
STATE_STATUS = {
    State.QUEUED: Status.QUEUED,
    State.SENDING: Status.SENDING,
    State.UNKNOWN: Status.UNKNOWN,
    State.PARKED: Status.PARKED,
    State.REJECTED: Status.FAILED,
    State.PROVEN_ABSENT: Status.CANCELLED,
    State.WITHDRAWN: Status.CANCELLED,
}
# The first of these that any chunk is in is the order's status.
WORST_OPEN = (Status.UNKNOWN, Status.SENDING, Status.PARKED, Status.QUEUED, Status.ACCEPTED, Status.PARTIALLY_COMPLETED)


class NotAllowed(Exception):
    """This move is not in the table of the house; a bug, or a person asking for what the state excludes."""


class Overtaken(Exception):
    """Somebody else moved the attempt first; look again."""


def move(*, attempt, to, now, text, by=None, kind=Event.Kind.MOVED, order=None, **columns):
    """Move `attempt` (as read by the caller) to `to`, with `columns` set beside it, and tell the order's timeline.

    `order` holds columns of the order to set as well (reason, parked_reason, ...). Raises NotAllowed for a move outside
    the table and Overtaken when the row is no longer what the caller read; the caller's transaction then rolls back.
    """
    _assert_in_transaction()
    if to not in MOVES[attempt.state]:
        raise NotAllowed(f"{attempt.state} cannot become {to}")
    moved = Attempt.objects.filter(pk=attempt.pk, state=attempt.state, lease_epoch=attempt.lease_epoch).update(
        state=to, changed_at=now, **columns)
    if moved != 1:
        raise Overtaken(f"attempt {attempt.ref} is no longer {attempt.state}")
    attempt.refresh_from_db()
    _fold(attempt.order_id, now, order or {})
    tell(order_id=attempt.order_id, kind=kind, text=text, by=by, now=now)


def tell(*, order_id, kind, text, now, by=None):
    """Add one event to an order's timeline. `text` must not hold a code."""
    Event.objects.create(order_id=order_id, at=now, kind=kind, text=text[:500], by=by)


def flag(*, order_id, text, now, by=None):
    """A person has to look at this order; says why on its timeline, once per reason until somebody has looked."""
    told = Event.objects.filter(order_id=order_id, kind=Event.Kind.REVIEW, text=text[:500]).exists()
    if told and Order.objects.filter(pk=order_id, needs_review=True).exists():
        return
    Order.objects.filter(pk=order_id).update(needs_review=True, changed_at=now)
    tell(order_id=order_id, kind=Event.Kind.REVIEW, text=text, by=by, now=now)


def status_of(attempts):
    """The order's status: the worst open chunk, else the best closed one. `attempts` are the latest of each chunk."""
    statuses = [
        ACCEPTED_STATUS[attempt.outcome] if attempt.state == State.ACCEPTED else STATE_STATUS[attempt.state]
        for attempt in attempts
    ]
    for status in WORST_OPEN:
        if status in statuses:
            return status
    if len(set(statuses)) == 1:
        return statuses[0]
    return Status.PARTIALLY_COMPLETED if Status.COMPLETED in statuses else Status.FAILED


def _fold(order_id, now, columns):
    latest = {}
    for attempt in Attempt.objects.filter(order_id=order_id).order_by("chunk", "n"):
        latest[attempt.chunk] = attempt
    status = status_of(latest.values())
    columns = {"status": status, "changed_at": now, **columns}
    if status != Status.PARKED:
        columns |= {"parked_reason": "", "parked_at": None, "parked_total": None}
    order = Order.objects.only("finished_at").get(pk=order_id)
    columns["finished_at"] = (order.finished_at or now) if status in FINAL else None
    Order.objects.filter(pk=order_id).update(**columns)


def is_dead(attempt):
    """Whether nothing more can be bought under this attempt's reference."""
    return attempt.state in DEAD


def _assert_in_transaction():
    if not get_connection().in_atomic_block:
        raise RuntimeError("States move inside a transaction only.")
