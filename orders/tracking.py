"""Following an accepted order until it is final, and for a while after."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django_q.tasks import async_task

from catalog import gateway
from catalog.clock import Watch
from catalog.suppliers.errors import Missing, SupplierError

from . import observing, pace
from .lifecycle import flag
from .models import Attempt, Observation
from .models.attempt import RANK, State

logger = logging.getLogger(__name__)

LOOK_TASK = "orders.tasks.look"
MISSING_BEFORE_REVIEW = 3  # in a row: one answer of a lagging copy of theirs means nothing
APART = timedelta(seconds=5)  # between two reads that somebody asks for by notices
OFTEN = timedelta(hours=1)


def refresh(*, attempt_id, now):
    """Read an accepted attempt at its supplier if that is due. Two workers at once make one call."""
    attempt = Attempt.objects.select_related("order__supplier").get(pk=attempt_id)
    if not _claim(attempt, now):
        return
    watch = Watch(now)
    try:
        placement = gateway.connect(attempt.order.supplier, even_switched_off=True).fetch(attempt.supplier_order_id)
    except (SupplierError, gateway.NotConnected) as error:
        _could_not_read(attempt, error, watch.now())
        return
    observing.apply(attempt_id=attempt.pk, placement=placement, source=Observation.Source.FETCH, now=watch.now())
    _schedule(attempt_id, watch.now(), missing_count=0)


def ask_now(*, order, now):
    """Make reading this order due at once, and wake a worker for it; gives how many attempts that concerns.

    An attempt that somebody is looking up right now, under a lease, is left to them.
    """
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    with transaction.atomic():
        asked = order.attempts.filter(free, state__in=(State.ACCEPTED, State.UNKNOWN)).update(due_at=now)
        if asked:
            async_task(LOOK_TASK, str(order.pk))
    return asked


def ask_soon(*, attempt, now):
    """Make reading this attempt due, but not sooner after the last read than APART; whether it is due now.

    However many ask, that is one read: an attempt that was read since it was loaded is left as it is, and so is one that
    somebody is looking up under a lease.
    """
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    due_at = now if attempt.looked_at is None else max(now, attempt.looked_at + APART)
    unread = Attempt.objects.filter(pk=attempt.pk, state__in=(State.ACCEPTED, State.UNKNOWN), looked_at=attempt.looked_at)
    unread.filter(free).filter(Q(due_at=None) | Q(due_at__gt=due_at)).update(due_at=due_at)
    return due_at <= now


def _claim(attempt, now):
    """Push the due time ahead by a conditional UPDATE; whoever succeeds makes the call."""
    if attempt.state != State.ACCEPTED or attempt.due_at is None or attempt.due_at > now:
        return False
    return bool(Attempt.objects.filter(pk=attempt.pk, state=State.ACCEPTED, due_at=attempt.due_at).update(
        due_at=now + pace.LEASE, poll_count=attempt.poll_count + 1, looked_at=now))


def _could_not_read(attempt, error, now):
    """A failed read changes nothing of the order. One that is said not to exist, again and again, is for a person and
    never a failure; no answer in between says nothing either way.
    """
    logger.info("order %s could not be read: %s", attempt.order_id, type(error).__name__)
    missing = attempt.missing_count + isinstance(error, Missing)
    if isinstance(error, Missing) and missing >= MISSING_BEFORE_REVIEW:
        flag(order_id=attempt.order_id, now=now, text="The supplier says it does not know this accepted order")
    _schedule(attempt.pk, now, missing_count=missing)


def _schedule(attempt_id, now, *, missing_count):
    attempt = Attempt.objects.select_related("supplier").get(pk=attempt_id)
    traits, rests_for = gateway.traits(attempt.supplier), now - attempt.changed_at
    due_at = pace.next_poll(outcome=attempt.outcome, polls=attempt.poll_count, traits=traits, now=now,
                            open_orders=_open_orders(attempt, now) if traits.polls_per_minute else 0)
    is_closed = RANK[attempt.outcome] == 100 or attempt.closed_at is not None
    if is_closed and rests_for > pace.WATCH_AFTER_END:
        due_at = None
    Attempt.objects.filter(pk=attempt_id, state=State.ACCEPTED).update(
        due_at=due_at, missing_count=missing_count)


def _open_orders(attempt, now):
    """How many orders of this supplier are read often; those that are read daily or never do not count."""
    return Attempt.objects.filter(
        supplier_id=attempt.supplier_id, state=State.ACCEPTED, due_at__lte=now + OFTEN).count()
