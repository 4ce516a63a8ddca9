"""The only place where an attempt or an order changes its state.

Every move is a conditional UPDATE of the attempt, the order's status folded from its attempts, and one event that names
who and why: all in the caller's transaction. Lock order: account, order, attempt, unit, supplier.
"""

from django.db.transaction import get_connection

from catalog.suppliers.types import Outcome

from .models import Attempt, Event, Order
from .models.attempt import DEAD, State
from .models.order import FINAL, Status
from .models.parking import ParkReason

# A late answer may show that a queued or parked attempt was accepted after all: the supplier's truth wins.
MOVES = {
    State.QUEUED: {State.SENDING, State.PARKED, State.REJECTED, State.WITHDRAWN, State.ACCEPTED, State.UNKNOWN},
    State.SENDING: {State.ACCEPTED, State.REJECTED, State.PARKED, State.QUEUED, State.UNKNOWN},
    State.UNKNOWN: {State.ACCEPTED, State.REJECTED, State.PARKED, State.QUEUED, State.PROVEN_ABSENT},
    State.PARKED: {State.PARKED, State.QUEUED, State.WITHDRAWN, State.ACCEPTED},  # itself: for another reason
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
NOT_PARKED = {"parked_reason": "", "parked_at": None, "parked_total": None}
# The first of these that any chunk is in is the order's status.
WORST_OPEN = (Status.UNKNOWN, Status.SENDING, Status.PARKED, Status.QUEUED, Status.ACCEPTED, Status.PARTIALLY_COMPLETED)


class NotAllowed(Exception):
    """This move is not in the table of the house; a bug, or a person asking for what the state excludes."""


class Overtaken(Exception):
    """Somebody else moved the attempt first; look again."""


def move(*, attempt, to, now, text, by=None, kind=Event.Kind.MOVED, **columns):
    """Move `attempt` (as read by the caller) to `to`, with `columns` set beside it, and tell the order's timeline.

    Raises NotAllowed for a move outside the table and Overtaken when the row is no longer what the caller read; the
    caller's transaction then rolls back.
    """
    move_together(attempts=[attempt], to=to, now=now, text=text, by=by, kind=kind, columns=lambda attempt: columns)


def move_together(*, attempts, to, now, text, columns, by=None, kind=Event.Kind.MOVED):
    """Move attempts of one order in one step that is told once; none is fine. `columns` gives those of each. As `move`."""
    _assert_in_transaction()
    for attempt in attempts:
        _move(attempt, to, now, columns(attempt))
    if attempts:
        parts = _fold(attempts[0].order_id, now, by)
        part = f"Part {attempts[0].chunk + 1} of {parts}: " if parts > 1 and len(attempts) == 1 else ""
        tell(order_id=attempts[0].order_id, kind=kind, text=part + text, by=by, now=now)


def begin(*, attempt, now, text):
    """Save a new attempt at a part whose last one is dead, and tell the order's timeline."""
    _assert_in_transaction()
    attempt.save(force_insert=True)
    _fold(attempt.order_id, now, None)
    tell(order_id=attempt.order_id, kind=Event.Kind.MOVED, text=text, now=now)


def remark(*, attempt, text, now):
    """Say on the attempt, and on its order where it decides the status, how things stand; without an event."""
    if Attempt.objects.filter(pk=attempt.pk, state=attempt.state).update(reason=text[:300]):
        Order.objects.filter(pk=attempt.order_id, status=_status(attempt)).update(reason=text[:300], changed_at=now)


def tell(*, order_id, kind, text, now, by=None):
    """Add one event to an order's timeline. `text` must not hold a code."""
    Event.objects.create(order_id=order_id, at=now, kind=kind, text=text[:500], by=by)


def flag(*, order_id, text, now, by=None, since=None):
    """A person has to look at this order; says why on its timeline, once per reason until somebody has looked.

    With `since`, once since then: what only lasts is not new to the person who has looked. Gives whether it said so now.
    """
    told = Event.objects.filter(order_id=order_id, kind=Event.Kind.REVIEW, text=text[:500])
    if since is not None and told.filter(at__gte=since).exists():
        return False
    if told.exists() and Order.objects.filter(pk=order_id, needs_review=True).exists():
        return False
    Order.objects.filter(pk=order_id).update(needs_review=True, changed_at=now)
    tell(order_id=order_id, kind=Event.Kind.REVIEW, text=text, by=by, now=now)
    return True


def status_of(attempts):
    """The order's status: the worst open chunk, else the best closed one. `attempts` are the latest of each chunk."""
    statuses = [_status(attempt) for attempt in attempts]
    for status in WORST_OPEN:
        if status in statuses:
            return status
    if len(set(statuses)) == 1:
        return statuses[0]
    return Status.PARTIALLY_COMPLETED if Status.COMPLETED in statuses else Status.FAILED


def _move(attempt, to, now, columns):
    if to not in MOVES[attempt.state]:
        raise NotAllowed(f"{attempt.state} cannot become {to}")
    columns = columns if to == State.PARKED else {**NOT_PARKED, **columns}
    moved = Attempt.objects.filter(pk=attempt.pk, state=attempt.state, lease_epoch=attempt.lease_epoch).update(
        state=to, changed_at=now, **columns)
    if moved != 1:
        raise Overtaken(f"attempt {attempt.ref} is no longer {attempt.state}")
    attempt.refresh_from_db()


def _status(attempt):
    return ACCEPTED_STATUS[attempt.outcome] if attempt.state == State.ACCEPTED else STATE_STATUS[attempt.state]


def _fold(order_id, now, by):
    """Bring the order in line with its parts; gives how many there are."""
    latest = {}
    for attempt in Attempt.objects.filter(order_id=order_id).defer("sealed_body").order_by("chunk", "n"):
        latest[attempt.chunk] = attempt
    parts = list(latest.values())
    status = status_of(parts)
    is_over = all(_status(part) in FINAL or part.closed_at for part in parts)
    was_finished_at = Order.objects.values_list("finished_at", flat=True).get(pk=order_id)
    Order.objects.filter(pk=order_id).update(
        status=status, changed_at=now, finished_at=(was_finished_at or now) if is_over else None,
        reason=next((part.reason for part in parts if _status(part) == status), parts[0].reason),
        agreed_total=sum(part.agreed_total for part in parts), **_bought(parts), **_parked(parts, status))
    is_told = by or any(part.closed_at for part in parts)
    if is_over and status == Status.PARTIALLY_COMPLETED and not was_finished_at and not is_told:
        done = sum(part.quantity for part in parts if _status(part) == Status.COMPLETED)
        flag(order_id=order_id, now=now, text=f"Only {done} of {sum(part.quantity for part in parts)} could be bought")
    return len(parts)


def _bought(parts):
    there = [part for part in parts if part.state == State.ACCEPTED]
    is_told = any(part.total is not None for part in there)
    charged = sum(part.agreed_total if part.total is None else part.total for part in there) if is_told else None
    return {"charged_total": charged, "supplier_order_id": there[0].supplier_order_id if there else ""}


def _parked(parts, status):
    parked = [part for part in parts if part.state == State.PARKED]
    is_dearer = any(part.parked_total is not None for part in parked)
    total = sum(part.agreed_total if part.parked_total is None else part.parked_total for part in parts)
    columns = {"parked_reason": "", "parked_at": None, "parked_total": total if is_dearer else None}
    if status == Status.PARKED:
        reasons = [part.parked_reason for part in parked]
        reason = ParkReason.APPROVAL if ParkReason.APPROVAL in reasons else reasons[0]  # one decision frees all of them
        columns |= {"parked_reason": reason, "parked_at": min(part.parked_at for part in parked)}
    return columns


def is_dead(attempt):
    """Whether nothing more can be bought under this attempt's reference."""
    return attempt.state in DEAD


def _assert_in_transaction():
    if not get_connection().in_atomic_block:
        raise RuntimeError("States move inside a transaction only.")
