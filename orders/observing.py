"""What a supplier said about an attempt becomes rows: once, in order, and never backwards.

`apply` may be given the same answer any number of times, late, early or from several workers at once.
"""

import stamina
from django.db import OperationalError, transaction

from catalog import connecting, gateway
from catalog.money import show
from catalog.suppliers.types import Outcome, ProductKind
from funding import reserving

from . import chunking, delivery, esims, pace, shortfalls
from .lifecycle import flag, is_dead, move, tell
from .models import Attempt, Event, Observation, Order
from .models.attempt import RANK, State

TRIES = 3  # a deadlock or lock timeout is over when the other side has finished; what was read must not be lost to it

OUTCOME_TEXT = {
    Outcome.PENDING: "Accepted; the supplier is working on it",
    Outcome.PARTIAL: "Partly delivered",
    Outcome.COMPLETED: "Completed",
    Outcome.FAILED: "The supplier could not deliver",
    Outcome.CANCELLED: "The supplier cancelled the order",
}


def apply(*, attempt_id, placement, source, now):
    """Store `placement` as an observation and move the attempt if it says something new. Gives the attempt as it is now.

    What contradicts what we know (another order id for our reference, another SKU, two different ends) is stored with its
    conflict and flagged for a person; codes in it are kept all the same. A second order for our reference also pauses the
    supplier.
    """
    for again in stamina.retry_context(on=OperationalError, attempts=TRIES, wait_initial=0.05, wait_max=0.5):
        with again, transaction.atomic():
            return _apply(attempt_id, placement, source, now)


def _apply(attempt_id, placement, source, now):
    attempt = lock(attempt_id)
    conflict = _conflict(attempt, placement)
    if conflict:
        is_new = not attempt.observations.filter(conflict=conflict[:300]).exists()
        _observe(attempt, placement, source, now, applied=False, conflict=conflict)
        if is_new:  # the same contradiction is read again each day, and somebody may have settled it
            flag(order_id=attempt.order_id, text=conflict, now=now)
            if _is_bought_twice(attempt, placement):
                connecting.pause(supplier=attempt.supplier, reason=conflict, by=None, now=now)
        if placement.ref == attempt.ref:
            _tell_units(attempt, delivery.keep(attempt=attempt, deliveries=placement.deliveries, now=now), now)
            shortfalls.expect(attempt, now)
        return attempt
    new_units = delivery.keep(attempt=attempt, deliveries=placement.deliveries, now=now)
    moves = attempt.state != State.ACCEPTED or RANK[placement.outcome] > RANK[attempt.outcome]
    if new_units:
        esims.take_delivered(order=attempt.order, deliveries=placement.deliveries, now=now)
    _doubts(attempt, placement, now)
    _observe(attempt, placement, source, now, applied=moves or bool(new_units), conflict="")
    if moves:
        _advance(attempt, placement, now)
    if moves or new_units:
        shortfalls.expect(attempt, now)
    _tell_units(attempt, new_units, now)
    _count_units(attempt, placement, now)
    return attempt


def lock(attempt_id):
    """The attempt, with its account, its order and itself locked, in the order of the house."""
    attempt = Attempt.objects.get(pk=attempt_id)
    reserving.lock(supplier_id=attempt.supplier_id, currency=attempt.currency)
    Order.objects.select_for_update().get(pk=attempt.order_id)
    return Attempt.objects.select_for_update().get(pk=attempt_id)


def _conflict(attempt, placement):
    order = attempt.order
    if placement.ref and placement.ref != attempt.ref:
        return f"Answer about another reference than ours, order {placement.order_id} there"
    if placement.sku_ref and placement.sku_ref not in (order.sku.supplier_ref, order.sku.product.supplier_ref):
        return f"Answer about another SKU ({placement.sku_ref}), order {placement.order_id} there"
    if placement.quantity is not None and placement.quantity != attempt.quantity:
        return f"Answer about another quantity ({placement.quantity}), order {placement.order_id} there"
    if placement.currency and placement.currency != attempt.currency:
        return f"Answer about another currency ({placement.currency}), order {placement.order_id} there"
    if attempt.supplier_order_id and placement.order_id != attempt.supplier_order_id:
        return f"A second order {placement.order_id} exists at the supplier for one reference of ours"
    others = Attempt.objects.filter(supplier_id=attempt.supplier_id, supplier_order_id=placement.order_id)
    if others.exclude(pk=attempt.pk).exists():
        return f"The supplier gives us order {placement.order_id}, which already stands for another order here"
    if is_dead(attempt):
        return f"The supplier knows order {placement.order_id} for an attempt that is {attempt.state}"
    ends = RANK[placement.outcome] == 100 and RANK[attempt.outcome] == 100
    if ends and placement.outcome != attempt.outcome:
        return f"The supplier said {attempt.word} before and says {placement.word} now"
    return ""


def _is_bought_twice(attempt, placement):
    """Whether our reference stands for two orders there: something is wrong that must not go on with the next order."""
    return bool(attempt.supplier_order_id and placement.ref == attempt.ref
                and placement.order_id != attempt.supplier_order_id)


def _observe(attempt, placement, source, now, *, applied, conflict):
    Observation.objects.create(
        attempt=attempt, at=now, source=source, outcome=placement.outcome, rank=RANK[placement.outcome],
        word=placement.word[:60], supplier_order_id=placement.order_id[:100], total=placement.total,
        currency=placement.currency[:3], units=len(placement.deliveries), reason=placement.reason[:300],
        applied=applied, conflict=conflict[:300])


def _advance(attempt, placement, now):
    first_time = attempt.state != State.ACCEPTED
    if attempt.state == State.PARKED:
        flag(order_id=attempt.order_id, now=now, text="The supplier has this order although it was parked here")
    total = placement.total if placement.total is not None else attempt.total
    if first_time:
        reserving.settle(
            attempt_ref=attempt.ref, amount=attempt.agreed_total if total is None else total, now=now)
    move(
        attempt=attempt, to=State.ACCEPTED, now=now, text=_text(placement),
        outcome=placement.outcome, word=placement.word[:60], supplier_order_id=placement.order_id, total=total,
        lease_until=None, unknown_since=None, absent_seen_at=None, not_sent_count=0, poll_count=0,
        due_at=pace.next_poll(outcome=placement.outcome, polls=0, traits=gateway.traits(attempt.supplier), now=now),
        reason=placement.reason[:300])
    if first_time:
        chunking.let_go(attempt, now)


def _text(placement):
    text = OUTCOME_TEXT.get(placement.outcome, f"Accepted; the supplier calls it {placement.word}, a word we do not know")
    return f"{text}: {placement.reason}" if placement.reason else text


def _doubts(attempt, placement, now):
    """What an answer says that a person should weigh, told once each."""
    order, total = attempt.order, placement.total
    if total is not None and total > attempt.agreed_total and total != attempt.total:
        flag(order_id=order.pk, now=now, text=f"Charged {show(total, attempt.currency)}, "
             f"agreed were {show(attempt.agreed_total, attempt.currency)}")
    if placement.is_test and not order.is_test and attempt.state != State.ACCEPTED:
        flag(order_id=order.pk, now=now, text="The supplier treats this as a test order")
    if placement.outcome == Outcome.UNKNOWN and not attempt.observations.filter(word=placement.word[:60]).exists():
        flag(order_id=order.pk, now=now, text=f"The supplier calls the order {placement.word}, a word we do not know")


def _count_units(attempt, placement, now):
    if placement.outcome != Outcome.COMPLETED or attempt.order.sku.product.kind != ProductKind.VOUCHER:
        return
    codes = attempt.units.filter(has_code=True).count()
    if codes != attempt.quantity and attempt.observations.filter(outcome=Outcome.COMPLETED).count() == 1:
        flag(order_id=attempt.order_id, now=now, text=f"Completed with {codes} of {attempt.quantity} codes")


def _tell_units(attempt, new_units, now):
    if new_units:
        part = f"Part {attempt.chunk + 1}: " if attempt.quantity < attempt.order.quantity else ""
        tell(order_id=attempt.order_id, kind=Event.Kind.DELIVERED, now=now,
             text=f"{part}{new_units} unit{'s' if new_units > 1 else ''} delivered and sealed")
