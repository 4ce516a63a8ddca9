"""Finding in a supplier's books the money that it gave back for what it did not deliver.

A row that names an order is bound to it as soon as it is mirrored, expected or not. Where a supplier's refunds name none,
the oldest free one that has the supplier's word for a refund and just the amount owed is taken. A row counts once.
"""

from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from catalog import gateway
from catalog.money import MoneySum, minor_units, show
from catalog.suppliers.types import Outcome
from funding.models import Entry

from .lifecycle import flag, move, tell
from .models import Attempt, Event, Refund, Shortfall
from .models.attempt import State
from .observing import lock
from .parking import locked
from .shortfalls import FRACTION, charged, owed
from .tracking import ask_soon

LOOK_EVERY = timedelta(minutes=5)
LATE_AFTER = timedelta(days=1)
LOOK_SELDOM = timedelta(hours=6)
NEW_FOR = timedelta(days=30)  # a row that found no order of ours in that time is somebody else's
BATCH = 200
CLOCKS_DIFFER = timedelta(minutes=10)
MOVEMENT = Q(kind=Entry.Kind.TRANSACTION, status=Entry.Status.POSTED)
OPEN_THERE = (Outcome.PENDING, Outcome.UNKNOWN)
Stage = Shortfall.State


class NotLate(Exception):
    """No money of this order is late."""


class NoNote(Exception):
    """Who ends the wait says why."""


def unbound(*, now):
    """`(entry id, attempt id)` of the rows that give money back for an order of ours and are not bound to it yet."""
    rows = Entry.objects.filter(MOVEMENT, amount__gt=0, first_seen_at__gt=now - NEW_FOR, refund=None).exclude(order_id="")
    rows = list(rows.order_by("pk").values_list("pk", "supplier_id", "currency", "order_id"))
    found = []
    for start in range(0, len(rows), BATCH):
        found += _named(rows[start:start + BATCH])
    return found


def bind(*, entry_id, attempt_id, now):
    """Count a row that names the order of an attempt as given back for it; whether it was not counted before."""
    with transaction.atomic():
        attempt = lock(attempt_id)
        shortfall, _is_new = Shortfall.objects.get_or_create(
            attempt=attempt, defaults={"owed": owed(attempt), "since": now, "due_at": now})
        _, is_first = Refund.objects.get_or_create(
            entry_id=entry_id, defaults={"shortfall": shortfall, "is_named": True, "bound_at": now})
        if is_first and shortfall.state == Stage.SETTLED:
            _came_after_all(shortfall, attempt, now)
        elif is_first:
            _weigh(shortfall, attempt, now)
    return is_first


def due(*, now):
    """Ids of the shortfalls whose money is to be looked for now, the oldest first."""
    return list(Shortfall.objects.filter(due_at__lte=now).order_by("since", "pk").values_list("pk", flat=True))


def look(*, pk, now):
    """Look for the money of one shortfall if that is due; whether it was."""
    attempt_id = Shortfall.objects.values_list("attempt_id", flat=True).get(pk=pk)
    with transaction.atomic():
        attempt = lock(attempt_id)
        shortfall = Shortfall.objects.filter(pk=pk, due_at__lte=now).first()
        if shortfall is None:
            return False
        _take_fitting(shortfall, attempt, now)
        _weigh(shortfall, attempt, now)
    return True


def settle(*, order, by, note, now):
    """A person ends the wait for what is late of `order`, and says why. Raises NoNote or NotLate, having changed nothing."""
    note = " ".join(note.split())
    if not note:
        raise NoNote(_("Write where the money is, for example what the supplier's support answered."))
    with transaction.atomic():
        order, attempts = locked(order, State.ACCEPTED)
        late = list(Shortfall.objects.late().filter(attempt__in=attempts).select_related("attempt"))
        if not late:
            raise NotLate(_("No money of order %(order)s is late.") % {"order": order.reference})
        for shortfall in late:
            Shortfall.objects.filter(pk=shortfall.pk).update(
                state=Stage.SETTLED, ended_at=now, due_at=None, note=note[:300], by=by)
            _close(shortfall.attempt, f"The wait for {_owed(shortfall)} is over: {note}", now, by)


def _named(rows):
    """The attempts that rows name. Where each sort of goods is counted by itself, a number may name two, and so none."""
    names = {row: gateway.order_ids(row[-1]) for row in rows}
    attempts = list(Attempt.objects.filter(supplier_order_id__in=set().union(*names.values())).values_list(
        "pk", "supplier_id", "currency", "supplier_order_id"))
    for row, ids in names.items():
        named = [attempt[0] for attempt in attempts if attempt[1:3] == row[1:3] and attempt[3] in ids]
        if len(named) == 1:
            yield row[0], named[0]


def _take_fitting(shortfall, attempt, now):
    """Bind the oldest free row that fits, where the supplier's refunds name no order."""
    remark, missing = gateway.traits(attempt.supplier).refund_remark, shortfall.owed - shortfall.returned
    if not remark:
        return
    fitting = Entry.objects.filter(
        MOVEMENT, supplier_id=attempt.supplier_id, currency=attempt.currency, order_id="", external_ref__icontains=remark,
        amount__range=(missing - FRACTION, missing + FRACTION), refund=None,
        occurred_at__gte=attempt.first_sent_at - CLOCKS_DIFFER).order_by("occurred_at", "pk").first()
    if fitting:
        Refund.objects.create(shortfall=shortfall, entry=fitting, is_named=False, bound_at=now)


def _weigh(shortfall, attempt, now):
    """Compare what has come with what is owed, and say what is new."""
    returned = _returned(shortfall, attempt)
    missing, unit = shortfall.owed - returned, Decimal(1).scaleb(-minor_units(attempt.currency))
    if abs(missing) < unit and bool(returned) == bool(shortfall.owed):
        _end(shortfall, Stage.RETURNED, returned, now)
        _close(attempt, f"The supplier gave {show(returned, attempt.currency)} back for what it did not deliver"
               if returned else "Nothing is to come back any more: everything was delivered", now)
    elif missing < 0 and attempt.outcome in OPEN_THERE and now < shortfall.since + LATE_AFTER:
        ask_soon(attempt=attempt, now=now)  # it ended there, and we have not heard of it yet
        _wait(shortfall, attempt, returned, now)
    elif missing < 0:
        _end(shortfall, Stage.DIFFERS, returned, now)
        flag(order_id=attempt.order_id, now=now,
             text=f"The supplier gave {show(returned, attempt.currency)} back; {_owed(shortfall)} was to come")
    else:
        _wait(shortfall, attempt, returned, now)


def _came_after_all(shortfall, attempt, now):
    returned = _returned(shortfall, attempt)
    Shortfall.objects.filter(pk=shortfall.pk).update(returned=returned)
    tell(order_id=attempt.order_id, kind=Event.Kind.OBSERVED, now=now,
         text=f"The supplier gave {show(returned, attempt.currency)} back after all")


def _returned(shortfall, attempt):
    """What came back, less what was taken again: an order that was delivered after all is charged once more."""
    back = shortfall.refunds.aggregate(sum=MoneySum("entry__amount"))["sum"] or Decimal(0)
    if gateway.traits(attempt.supplier).order_sorts:  # its numbers may be another order's, too
        return back
    rows = Entry.objects.filter(MOVEMENT, supplier_id=attempt.supplier_id, currency=attempt.currency, amount__lt=0,
                                order_id=attempt.supplier_order_id)
    taken = -(rows.aggregate(sum=MoneySum("amount"))["sum"] or Decimal(0))
    return max(back - max(taken - charged(attempt), Decimal(0)), Decimal(0))


def _end(shortfall, state, returned, now):
    Shortfall.objects.filter(pk=shortfall.pk).update(state=state, returned=returned, ended_at=now, due_at=None)


def _close(attempt, text, now, by=None):
    """Say so, and that nothing more comes of an attempt that was delivered in part."""
    if attempt.outcome == Outcome.PARTIAL and attempt.closed_at is None:
        move(attempt=attempt, to=State.ACCEPTED, now=now, text=text, by=by, closed_at=now)
    else:
        tell(order_id=attempt.order_id, kind=Event.Kind.NOTE if by else Event.Kind.OBSERVED, text=text, now=now, by=by)


def _wait(shortfall, attempt, returned, now):
    late_at, is_shown = shortfall.since + LATE_AFTER, gateway.traits(attempt.supplier).books_show_orders
    told_at = shortfall.told_at or (now if now >= late_at else None)
    if told_at:
        due_at = now + LOOK_SELDOM if is_shown else None
    else:
        due_at = min(now + LOOK_EVERY, late_at) if is_shown else late_at
    Shortfall.objects.filter(pk=shortfall.pk).update(
        state=Stage.AWAITED, returned=returned, due_at=due_at, told_at=told_at, ended_at=None)
    if told_at == now:
        shown = f"its books show {show(returned, attempt.currency) if returned else 'nothing'}"
        flag(order_id=attempt.order_id, now=now, text=f"{_owed(shortfall)} should have come back within a day; "
             f"{shown if is_shown else 'its books do not show refunds: compare the balance, or ask the supplier'}")


def _owed(shortfall):
    return show(shortfall.owed, shortfall.attempt.currency) if shortfall.owed else "nothing"
