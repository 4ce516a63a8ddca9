"""What follows from a notice: its order is read at the supplier, or the balances are. Never what the notice says.

A notice is due until that has happened after it came, so a lost task, a crash or a slow answer costs time only.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q

from catalog import gateway
from catalog.clock import Watch
from catalog.suppliers.errors import SupplierError
from catalog.suppliers.notices import NoticeKind
from funding import refreshing
from funding.models import Books

from . import observing, tracking
from .models import Attempt, Notice, Observation
from .models.attempt import State
from .models.notice import Result

logger = logging.getLogger(__name__)

AGAIN_AFTER_S = (5, 5, 5, 10, 15, 30, 60, 120, 300, 900)
STRANGER_AFTER = timedelta(minutes=15)  # an id that we do not know may belong to an order whose answer is on its way
GIVE_UP_AFTER = timedelta(hours=24)
REFRESH_EVERY = timedelta(seconds=30)
KEEP = timedelta(days=90)
BATCH = 500
OPEN_THERE = (State.ACCEPTED, State.UNKNOWN)  # tracking and resolving ask about these


def due(*, now):
    """Ids of the notices to look at, the longest due first."""
    return list(Notice.objects.filter(due_at__lte=now).order_by("due_at").values_list("pk", flat=True)[:BATCH])


def follow(*, notice_id, now):
    """One step for a notice that is due; gives the ids of the orders that may now be read because of it."""
    notice = _claim(notice_id, now)
    if notice is None:
        return ()
    if now - notice.asked_at > GIVE_UP_AFTER:
        _finish(notice, Result.STUCK, now)
        return ()
    return STEPS[notice.kind](notice, now)


def conclude(*, notice_id, now):
    """Finish a notice whose orders have been read since it came; for whoever has just read them."""
    notice = Notice.objects.get(pk=notice_id)
    attempts = _attempts(notice)
    if notice.result == Result.WAITING and attempts and not _unread(attempts, notice):
        _finish(notice, Result.READ, now)


def forget(*, now):
    """Delete notices that were handled long ago; gives how many."""
    return Notice.objects.filter(handled_at__lt=now - KEEP).delete()[0]


def _claim(notice_id, now):
    """The notice, its next turn planned before anything is tried; None where it is not due, or another took it."""
    notice = Notice.objects.filter(pk=notice_id, due_at__lte=now).first()
    if notice is None:
        return None
    again_at = now + timedelta(seconds=AGAIN_AFTER_S[min(notice.tries, len(AGAIN_AFTER_S) - 1)])
    taken = Notice.objects.filter(pk=notice.pk, due_at=notice.due_at).update(due_at=again_at, tries=F("tries") + 1)
    return notice if taken else None


def _follow_order(notice, now):
    attempts = _attempts(notice)
    if not attempts:
        if now - notice.asked_at > STRANGER_AFTER or not (notice.supplier_order_id or notice.ref):
            _finish(notice, Result.STRANGER, now)
        return ()
    Notice.objects.filter(pk=notice.pk).update(order_id=attempts[0].order_id)
    unread = _unread(attempts, notice)
    if not unread:
        _finish(notice, Result.READ, now)
    return [attempt.order_id for attempt in unread if _ask(attempt, now)]


def _follow_money(notice, now):
    """Ask for the supplier's books and balances; one reading serves every notice that came before it began."""
    books = Books.objects.filter(supplier_id=notice.supplier_id).first()
    read_at = books.tried_at if books else None
    if read_at is not None and read_at >= notice.asked_at:
        _finish(notice, Result.REFRESHED, now)
    elif read_at is None or now - read_at >= REFRESH_EVERY:
        refreshing.ask(suppliers=[notice.supplier], now=now)
    return ()


def _keep(notice, now):
    _finish(notice, Result.KEPT, now)
    return ()


STEPS = {NoticeKind.ORDER: _follow_order, NoticeKind.MONEY: _follow_money, NoticeKind.OTHER: _keep}


def _attempts(notice):
    """The attempts it hints at, by the supplier's id and by our reference; usually one."""
    hints = [Q(**{name: value}) for name, value in
             (("supplier_order_id", notice.supplier_order_id), ("ref", notice.ref)) if value]
    if not hints:
        return []
    hinted = hints[0] | hints[-1]
    return list(Attempt.objects.filter(hinted, supplier_id=notice.supplier_id).order_by("pk"))


def _unread(attempts, notice):
    """Those about which the supplier has not said anything that was asked after the notice came."""
    return [attempt for attempt in attempts if not (
        attempt.looked_at is not None and attempt.looked_at >= notice.asked_at
        and attempt.observations.filter(at__gte=attempt.looked_at).exists())]


def _ask(attempt, now):
    """Have the attempt read, in the way its state asks for; whether its order may be worked at now."""
    if attempt.state in OPEN_THERE:
        return tracking.ask_soon(attempt=attempt, now=now)
    if attempt.state != State.SENDING:  # there, the answer is on its way, and the notice waits for it
        _search(attempt, now)
    return False


def _search(attempt, now):
    """The supplier tells of a purchase that did not happen, as far as we know: look for it under our own reference."""
    watch, free = Watch(now), Q(looked_at=None) | Q(looked_at__lte=now - tracking.APART)
    if not Attempt.objects.filter(free, pk=attempt.pk, state=attempt.state).update(looked_at=now):
        return
    try:
        client = gateway.connect(attempt.supplier)
        since = (attempt.first_sent_at or attempt.created_at) - timedelta(minutes=10)
        for found in client.find(attempt.ref, sku_ref=attempt.order.sku.supplier_ref, since=since):
            observing.apply(attempt_id=attempt.pk, placement=client.fetch(found.order_id),
                            source=Observation.Source.FIND, now=watch.now())
    except (SupplierError, gateway.NotConnected) as error:
        logger.info("attempt %s could not be searched: %s", attempt.ref, type(error).__name__)


def _finish(notice, result, now):
    with transaction.atomic():
        Notice.objects.filter(pk=notice.pk, result=Result.WAITING).update(result=result, due_at=None, handled_at=now)
