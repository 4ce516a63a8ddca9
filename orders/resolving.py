"""Finding out what became of an attempt whose outcome is unknown, the way its supplier allows.

Evidence is asked for in this order: the answer we already recorded; the same request again, where the supplier promises
to answer it with the same order; a search by our reference. Only when a complete search found nothing twice, after no
delayed copy can still be accepted, and no unexplained charge stands in the supplier's books, is the attempt held to be
absent, and then the same reference is sent again. Where the books tell no charges, the balance has to bear it out. Where
the supplier refuses a second order under one reference for good, a late copy does no harm and neither need be read. Time
alone proves nothing.
"""

from datetime import timedelta

from django.db import transaction

from catalog import calls, connecting, gateway, spool, vault
from catalog.clock import Watch
from catalog.models import Call
from catalog.suppliers.errors import Misread, SupplierError
from funding import refreshing

from . import movement, observing, pace, renewing, sending, verdicts
from .evidence import BEFORE_FIRST_SEND, SMALLEST, unexplained_charges
from .lifecycle import flag, move, remark
from .models import Attempt, Observation
from .models.attempt import State

REVIEW_AFTER = timedelta(minutes=30)
NAMED_AGAIN_AFTER = timedelta(seconds=30)
ACTED_ON_WITHIN = timedelta(seconds=30)  # what came back; the sender may read a balance first
SILENT = "the sender stopped before it could say what came back"
ABSENT = {
    True: " show no purchase, and a second one under our reference would be refused",
    False: " and the books show no purchase",
}


def expired(*, now):
    """Ids of the attempts whose sender went silent."""
    return [attempt.pk for attempt in Attempt.objects.filter(state=State.SENDING) if _is_silent(attempt, now)]


def expire(*, attempt_id, now):
    """An attempt whose sender went silent becomes unknown; gives whether it did."""
    with transaction.atomic():
        attempt = observing.lock(attempt_id)
        if attempt.state != State.SENDING or not _is_silent(attempt, now):
            return False
        move(attempt=attempt, to=State.UNKNOWN, now=now, lease_until=None, poll_count=0, due_at=now,
             unknown_since=attempt.unknown_since or now, text=f"Outcome unknown: {SILENT}", reason=SILENT)
        return True


def _is_silent(attempt, now):
    """Whether its lease ran out, or what came back was recorded and nobody has acted on it since."""
    if attempt.lease_until <= now:
        return True
    calls = Call.objects.filter(supplier_id=attempt.supplier_id, ref=attempt.ref, is_read=False,
                                started_at__gte=attempt.last_sent_at)
    # After a 401 the same may be on its way once more, with a new token.
    told = calls.exclude(status=401).defer("sealed_request", "sealed_response").order_by("-started_at").first()
    return told is not None and told.started_at + timedelta(milliseconds=told.duration_ms) + ACTED_ON_WITHIN <= now


def resolve(*, attempt_id, now):
    """One step of finding out. Leaves the attempt unknown, with a later due time, when that step proved nothing."""
    watch, attempt = Watch(now), _due(attempt_id, now)
    if attempt is None:
        return
    replays = _may_replay(attempt, now)
    claimed = Watch(watch.now())
    if not _claim(attempt, replays, claimed.now()):
        return
    if now - attempt.unknown_since >= REVIEW_AFTER:
        flag(order_id=attempt.order_id, now=now, since=attempt.unknown_since,
             text="The outcome has been unknown for half an hour")
    try:
        client = gateway.connect(attempt.order.supplier, even_switched_off=True)
        if attempt.named_order_id:
            verdicts.read_named(attempt=attempt, client=client, now=watch.now())
        elif _from_recorded_answer(attempt, client, watch):
            return
        if replays:
            sending.deliver(attempt=attempt, client=client, body=sending.open_body(attempt),
                            source=Observation.Source.REPLAY, claimed=claimed)
        if Attempt.objects.filter(pk=attempt.pk, state=State.UNKNOWN).exists():
            _search(attempt, client, watch)
    except (SupplierError, gateway.NotConnected, vault.Unreadable, sending.Altered) as error:
        _note(attempt, f"Look-up failed: {error}", watch.now())
    _schedule(attempt, watch.now())


def _due(attempt_id, now):
    return Attempt.objects.filter(pk=attempt_id, state=State.UNKNOWN, due_at__lte=now).select_related(
        "order__supplier", "order__sku__product", "order__sku__supplier", "order__quote").first()


def _claim(attempt, replays, now):
    """Put the attempt under a fresh lease, so that one worker looks at a time; false when another took it."""
    columns = {"lease_epoch": attempt.lease_epoch + 1, "lease_until": now + pace.LEASE, "due_at": now + pace.LEASE}
    if replays:
        columns = sending.lease(attempt, _traits(attempt), now)
    free = Attempt.objects.filter(
        pk=attempt.pk, state=State.UNKNOWN, lease_epoch=attempt.lease_epoch, due_at=attempt.due_at)
    if replays:  # somebody may have paused the supplier while its price was read
        free = free.filter(supplier__paused_at=None, supplier__is_active=True)
    taken = free.update(poll_count=attempt.poll_count + 1, looked_at=now, **columns)
    if taken:
        attempt.refresh_from_db(fields=["poll_count", *columns])
    return taken


def _traits(attempt):
    try:
        return gateway.connect(attempt.order.supplier, even_switched_off=True).traits
    except gateway.NotConnected:
        return None


def _may_replay(attempt, now):
    """Whether the same request may be sent as a question.

    It may turn out to be the first one that arrives, so whatever forbids a first send forbids this; and so does a person
    who says which order it became.
    """
    traits, supplier = _traits(attempt), attempt.order.supplier
    if traits is None or traits.replay_window_s is None or not spool.has_room():
        return False
    if supplier.is_paused or not supplier.is_active or attempt.refused_again_at or attempt.named_order_id:
        return False
    window = min(timedelta(seconds=traits.replay_window_s) - pace.LEASE, pace.MAX_WAIT)
    return now - attempt.first_sent_at < window and sending.price_stands(attempt, now)


def _from_recorded_answer(attempt, client, watch):
    """Apply an answer that was recorded but not acted on, if there is one; whether there was.

    One that does not name our reference proves nothing, here as little as when it came.
    """
    recorded = Call.objects.filter(
        supplier_id=attempt.supplier_id, ref=attempt.ref, is_read=False, status__gte=200, status__lt=300,
    ).exclude(sealed_response="").order_by("-started_at")
    for call in recorded:
        try:
            placement = client.read_placement(calls.read_bodies(call)[1])
        except Misread:
            continue
        if not placement.ref:
            continue
        observing.apply(attempt_id=attempt.pk, placement=placement, source=Observation.Source.PLACE,
                        now=watch.now())
        return Attempt.objects.get(pk=attempt.pk).state != State.UNKNOWN
    return False


def _search(attempt, client, watch):
    began_at = watch.now()
    found = client.find(attempt.ref, sku_ref=attempt.order.sku.supplier_ref,
                        since=attempt.first_sent_at - BEFORE_FIRST_SEND)
    order_ids = sorted({placement.order_id for placement in found})
    if len(order_ids) > 1:
        text = f"The supplier has {len(order_ids)} orders under one reference of ours: {', '.join(order_ids)}"
        if flag(order_id=attempt.order_id, now=watch.now(), since=attempt.unknown_since, text=text):
            connecting.pause(supplier=attempt.order.supplier, reason=text, by=None, now=watch.now())
    elif order_ids:
        placement = client.fetch(order_ids[0])
        observing.apply(
            attempt_id=attempt.pk, placement=placement, source=Observation.Source.FIND, now=watch.now())
    else:
        _weigh_absence(attempt, client, watch, began_at)


def _weigh_absence(attempt, client, watch, began_at):
    """A complete search found nothing. That proves absence only late enough, twice, and with the books agreeing."""
    fence_at = attempt.last_sent_at if _was_always_refused(attempt) else attempt.fence_at
    lag = timedelta(seconds=client.traits.lookup_lag_s)
    if fence_at is None or began_at < max(fence_at, attempt.last_sent_at + lag):
        _note(attempt, "Not found at the supplier; too early to conclude anything", watch.now())
        return
    if attempt.absent_seen_at is None:
        Attempt.objects.filter(pk=attempt.pk, state=State.UNKNOWN, lease_epoch=attempt.lease_epoch).update(
            absent_seen_at=watch.now())
        _note(attempt, "Not found at the supplier; looking once more in a minute", watch.now())
        return
    if began_at - attempt.absent_seen_at < pace.SECOND_LOOK_AFTER:
        return
    if client.traits.refuses_repeats:
        if began_at - attempt.queued_at > pace.MAX_WAIT:
            text = "Not found at the supplier, and too old to be sent again; a delayed copy may still arrive"
            _note(attempt, text, watch.now())
            flag(order_id=attempt.order_id, now=watch.now(), since=attempt.unknown_since, text=text)
            return
    else:
        refreshing.refresh(supplier=attempt.order.supplier, now=watch.now())
        if not _books_explain_everything(attempt, client, fence_at, watch):
            return
    if attempt.refused_again_at:
        renewing.renew(attempt=attempt, now=watch.now())
        return
    now = watch.now()
    with transaction.atomic():
        locked = observing.lock(attempt.pk)
        if locked.state == State.UNKNOWN and locked.lease_epoch == attempt.lease_epoch:
            # Still as old as it is: what took long to prove absent is not sent without asking a person.
            text = f"Proven absent: two complete searches{ABSENT[client.traits.refuses_repeats]}. Sending the same request"
            move(attempt=locked, to=State.QUEUED, now=now, lease_until=None, absent_seen_at=None, due_at=now, reason="",
                 text=text)


def _was_always_refused(attempt):
    """Whether each send was answered with a refusal, so that no copy is on its way for which a fence would be needed."""
    if not attempt.refused_again_at:
        return False
    refused = Call.objects.filter(supplier_id=attempt.supplier_id, ref=attempt.ref, is_read=False, status=400)
    return refused.count() == attempt.send_count


def _books_explain_everything(attempt, client, fence_at, watch):
    """Whether every charge since the first send belongs to an order we know; one that is ours after all is adopted."""
    for entry in unexplained_charges(attempt):
        if not entry.order_id:
            flag(order_id=attempt.order_id, now=watch.now(), text="The supplier's books hold a charge that names no order")
            return False
        placement = client.fetch(entry.order_id)
        if placement.ref == attempt.ref:
            observing.apply(
                attempt_id=attempt.pk, placement=placement, source=Observation.Source.FIND, now=watch.now())
            return False
    if client.traits.tells_charges or _was_always_refused(attempt):
        return True
    return _balance_is_explained(attempt, fence_at, watch)


def _balance_is_explained(attempt, fence_at, watch):
    """Whether the balance, in place of books, shows no purchase but those we know."""
    now = watch.now()
    fall = movement.unexplained_fall(attempt, since=fence_at, now=now)
    if fall is None:
        _note(attempt, "Not found at the supplier; no two readings of the balance show what it alone may have cost", now)
        return False
    if fall >= SMALLEST:
        flag(order_id=attempt.order_id, now=now, since=attempt.unknown_since,
             text="Not found at the supplier, but the balance fell by more than the orders here explain")
        return False
    return True


def _note(attempt, text, now):
    """Say on the order what the last look-up showed, without an event for each."""
    remark(attempt=attempt, text=text, now=now)


def _schedule(attempt, now):
    """When to look again; whoever took over meanwhile plans for itself."""
    epoch = attempt.lease_epoch
    attempt = Attempt.objects.get(pk=attempt.pk)
    if attempt.state != State.UNKNOWN or attempt.lease_epoch != epoch:
        return
    due_at = pace.next_lookup(lookups=attempt.poll_count, now=now)
    if attempt.absent_seen_at is not None and now < attempt.absent_seen_at + pace.SECOND_LOOK_AFTER:
        due_at = attempt.absent_seen_at + pace.SECOND_LOOK_AFTER
    elif attempt.fence_at is not None and now < attempt.fence_at:
        due_at = min(due_at, attempt.fence_at)
    if attempt.named_order_id:
        due_at = min(due_at, now + NAMED_AGAIN_AFTER)
    Attempt.objects.filter(pk=attempt.pk, state=State.UNKNOWN, lease_epoch=epoch).update(
        lease_until=None, due_at=due_at)
