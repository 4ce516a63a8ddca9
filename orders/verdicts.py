"""A person settles what the rules could not: what became of a purchase whose outcome is unknown.

Nobody can settle against the evidence: it is looked at again, under the lock, at the moment of the verdict.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from catalog import gateway
from catalog.suppliers.errors import Invalid, Missing
from funding import reserving

from . import chunking, evidence, observing, tracking
from .lifecycle import move, tell
from .models import Attempt, Event, Observation
from .models.attempt import State


class Excluded(Exception):
    """The evidence excludes this verdict, or the attempt is not unknown any more; the text says which and why."""


def declare_absent(*, attempt, note, by, now):
    """Nothing was bought: `by` says so and why. The money is free again and the order is cancelled.

    Raises Excluded where something speaks for a purchase, or where it is too early to know.
    """
    note = " ".join(note.split())
    if not note:
        raise Excluded(_("Write where you know it from, for example what the supplier's support answered."))
    with transaction.atomic():
        locked = _unknown(attempt)
        found = evidence.of(locked, now=now)
        if not found.may_be_absent:
            raise Excluded(" ".join(found.against_absence))
        reserving.release(attempt_ref=locked.ref, now=now)
        Observation.objects.create(
            attempt=locked, at=now, source=Observation.Source.PERSON, outcome=State.PROVEN_ABSENT, rank=100,
            reason=note[:300], applied=True)
        move(attempt=locked, to=State.PROVEN_ABSENT, now=now, by=by, text=f"Nothing was bought: {note}", lease_until=None,
             due_at=None)
        chunking.withdraw_behind(locked, by=by, now=now, text="Not sent, because a part was not bought")


def name_order(*, attempt, supplier_order_id, by, now):
    """It was bought, as that order of the supplier's: `by` says so. The resolver reads the order and takes it if it fits.

    Raises Excluded where that order belongs to another of ours.
    """
    with transaction.atomic():
        locked = _unknown(attempt)
        supplier_order_id = gateway.order_id(locked.order.sku, supplier_order_id.strip())
        if not supplier_order_id or len(supplier_order_id) > 100:
            raise Excluded(_("Give the supplier's number of the order, at most 100 characters."))
        others = Attempt.objects.filter(supplier=locked.supplier_id, supplier_order_id=supplier_order_id)
        if others.exclude(pk=locked.pk).exists():
            raise Excluded(_("That is another order of ours: %(order)s.") % {"order": others[0].order.reference})
        Attempt.objects.filter(pk=locked.pk).update(named_order_id=supplier_order_id)
        tell(order_id=locked.order_id, kind=Event.Kind.NOTE, by=by, now=now,
             text=f"Said to be order {supplier_order_id} at the supplier; reading it")
        tracking.ask_now(order=locked.order, now=now)


def send_again(*, attempt, by, now):
    """It is still wanted: `by` has the same request sent again, at a supplier that refuses a second order under one
    reference. Then the first one is found after all, or this one buys.

    It is looked for once more before, and neither a higher price nor missing money lets it go: it is unknown again then.
    Raises Excluded where something speaks for a purchase, it is too early, or it must not be sent now.
    """
    with transaction.atomic():
        locked = _unknown(attempt)
        found = evidence.of(locked, now=now)
        if not found.may_be_sent:
            raise Excluded(" ".join([*found.against_absence, *found.against_sending]))
        move(attempt=locked, to=State.QUEUED, now=now, by=by, lease_until=None, absent_seen_at=None, due_at=now,
             queued_at=now, looks_first=True, not_sent_count=0, reason="",
             text="Still wanted: looking for it once more, then sending the same request")
        chunking.ring(locked.pk)


def read_named(*, attempt, client, now):
    """Read the order that a person named, and take it if it is about this attempt; otherwise say so on the timeline.

    Raises a SupplierError where the supplier could not tell; it stays named then.
    """
    problem = ""
    try:
        placement = client.fetch(attempt.named_order_id)
    except (Missing, Invalid):
        problem = _("The supplier knows no order %(order)s.") % {"order": attempt.named_order_id}
    else:
        if placement.ref and placement.ref != attempt.ref:
            problem = _("Order %(order)s carries another reference than ours at the supplier, so it is another one.") % {
                "order": attempt.named_order_id}
        elif placement.created_at and placement.created_at < attempt.first_sent_at - evidence.BEFORE_FIRST_SEND:
            problem = _("Order %(order)s was made at the supplier before ours was sent, so it is another one.") % {
                "order": attempt.named_order_id}
        else:
            observing.apply(attempt_id=attempt.pk, placement=placement, source=Observation.Source.FIND, now=now)
    with transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk, named_order_id=attempt.named_order_id).update(named_order_id="")
        if problem:
            tell(order_id=attempt.order_id, kind=Event.Kind.NOTE, now=now, text=problem)


def _unknown(attempt):
    locked = observing.lock(attempt.pk)
    if locked.state in (State.QUEUED, State.SENDING):
        raise Excluded(_("It is being sent again already."))
    if locked.state != State.UNKNOWN:
        raise Excluded(_("Its outcome is known meanwhile: it is %(state)s.") % {
            "state": locked.get_state_display().lower()})
    return locked
