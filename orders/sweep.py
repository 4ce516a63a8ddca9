"""Everything that is due, found in our own rows: nothing depends on a queued task having arrived."""

import logging
import queue
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connection
from django.db.models import F, Q

from catalog import life, spool
from catalog.clock import Watch

from . import (
    adopting,
    checking,
    chunking,
    esims,
    noticing,
    pace,
    parking,
    phones,
    quoting,
    receipts,
    refunding,
    resolving,
    sending,
    tracking,
)
from .lifecycle import flag
from .models import Attempt, Quote
from .models.attempt import CRASHES_BEFORE_QUARANTINE, State

logger = logging.getLogger(__name__)

QUOTE_GIVES_UP_AFTER = timedelta(minutes=2)
BATCH = 500
CHECKS = 200
KIND_FOR_S = 5  # of what asks suppliers one by one beside the orders; the next sweep goes on with it
KINDS = (
    "spool", "lease", "quote", "phone", "release", "turn", "notice", "receipt", "adopt", "send", "resolve", "track", "check",
    "esim", "refund", "crashed",
)

ACTS = {
    State.QUEUED: ("send", sending.send),
    State.UNKNOWN: ("resolve", resolving.resolve),
    State.ACCEPTED: ("track", tracking.refresh),
}


def run_due(*, now, until=None, threads=1):
    """Do all order work that is due at `now`; gives how many steps of each kind were taken, whatever they found out, and
    how many `crashed`: stopped by an error of ours, which is in the log.

    `until` is a callable that says whether to stop early; `threads` is how many suppliers' answers are waited for at
    once. One broken row does not stop the rest: it is quarantined after it has crashed several times, and flagged.
    """
    watch = Watch(now)  # a long sweep must not date its leases by when it began
    done = Counter()
    _safely(done, "spool", spool.replay)
    for attempt_id in resolving.expired(now=now):
        _safely(done, "lease", resolving.expire, attempt_id=attempt_id, now=now)
    for quote in _within(watch, until, _lost_quotes(now)):
        _safely(done, "quote", _fetch, quote, watch)
    for search in _within(watch, until, phones.lost(now=now)):
        _safely(done, "phone", phones.carry_out, search=search)
    for order_id in _within(watch, until, receipts.due(now=now)):
        _safely(done, "receipt", receipts.carry_out, order_id=order_id, now=watch.now())
    for purchase in _within(watch, until, adopting.lost(now=now)):
        _safely(done, "adopt", adopting.adopt, purchase=purchase, now=watch.now())
    for supplier_id, currency in parking.accounts_waiting():
        _safely(
            done, "release", parking.release_funded, supplier_id=supplier_id, currency=currency, now=watch.now())
    _safely(done, "turn", chunking.wake, now=watch.now())
    for notice_id in _within(watch, until, noticing.due(now=watch.now())):
        _safely(done, "notice", _follow, notice_id, watch)
    for entry_id, attempt_id in refunding.unbound(now=watch.now()):
        _safely(done, "refund", refunding.bind, entry_id=entry_id, attempt_id=attempt_id, now=watch.now())
    for pk in refunding.due(now=watch.now()):
        _safely(done, "refund", refunding.look, pk=pk, now=watch.now())
    todo = queue.SimpleQueue()
    for row in _due(watch.now()):
        todo.put(row)
    if threads == 1:
        done.update(_drain(todo, watch, until))
    else:
        with ThreadPoolExecutor(threads) as pool:
            shares = [pool.submit(_drain_in_thread, todo, watch, until) for _ in range(threads)]
        for share in shares:
            done.update(share.result())
    _ask_about(done, watch, until, "check", checking.due, checking.check)
    _ask_about(done, watch, until, "esim", esims.due, esims.read)
    _quarantine(watch.now())
    return {kind: done[kind] for kind in KINDS}


def _ask_about(done, watch, until, kind, due, act):
    for pk in _within(watch, until, due(now=watch.now(), limit=CHECKS)):
        _safely(done, kind, act, pk=pk, now=watch.now(), clock=watch.now)


def _within(watch, until, rows):
    """`rows` until the time for their kind is up: a supplier that is slow to answer must not hold up what comes after."""
    ends_at = watch.elapsed_s() + KIND_FOR_S
    for row in rows:
        if watch.elapsed_s() >= ends_at or (until and until()):
            return
        yield row


def _drain_in_thread(todo, watch, until):
    try:
        return _drain(todo, watch, until)
    finally:
        connection.close()


def _drain(todo, watch, until):
    done = Counter()
    while not (until and until()):
        try:
            attempt_id, state = todo.get_nowait()
        except queue.Empty:
            break
        kind, act = ACTS[state]
        done[kind if _guarded(attempt_id, act, watch.now()) else "crashed"] += 1
    return done


def run_order(*, order_id, now):
    """Do what is due for one order; for a command that waits for it."""
    for attempt_id, state in list(_ready(now).filter(order_id=order_id).values_list("pk", "state")):
        _guarded(attempt_id, ACTS[state][1], now)


def run_notice(*, notice_id, now):
    """Follow one notice as far as that goes without waiting: its orders are read, if their last read is long enough ago."""
    watch = Watch(now)
    for order_id in noticing.follow(notice_id=notice_id, now=now):
        run_order(order_id=order_id, now=watch.now())
    noticing.conclude(notice_id=notice_id, now=watch.now())


def _follow(notice_id, watch):
    noticing.follow(notice_id=notice_id, now=watch.now())
    return True


def _due(now):
    return list(_ready(now).order_by("due_at").values_list("pk", "state")[:BATCH])


def _ready(now):
    """What is due, less what rests: orders queued at a supplier that is paused or off, until they are too old."""
    due = Attempt.objects.due(now).filter(state__in=ACTS, crash_count__lt=CRASHES_BEFORE_QUARANTINE)
    stopped = due.filter(state=State.QUEUED, queued_at__gte=now - pace.MAX_WAIT).filter(
        Q(supplier__paused_at__isnull=False) | Q(supplier__is_active=False))
    return due.exclude(pk__in=stopped.values("pk"))


def _guarded(attempt_id, act, now):
    """Run one act; whether it came to its end. The count of crashes is committed before it, so that a killed worker
    counts as well.
    """
    life.sign()
    row = Attempt.objects.filter(pk=attempt_id)
    try:
        row.update(crash_count=F("crash_count") + 1)
        act(attempt_id=attempt_id, now=now)
        row.update(crash_count=0)
    except Exception as error:  # any error of one row must not stop the others; it surfaces in the log and on the order
        logger.exception("attempt %s: %s", attempt_id, type(error).__name__)
        return False
    return True


def _quarantine(now):
    """Rows at which we crashed too often are left alone, and a person is told, however the crashes came about."""
    poisonous = Attempt.objects.due(now).filter(crash_count__gte=CRASHES_BEFORE_QUARANTINE)
    for order_id in list(poisonous.values_list("order_id", flat=True)):
        flag(order_id=order_id, now=now, text="Purser failed at this order several times and leaves it to you")


def _safely(done, kind, act, *args, **kwargs):
    """Add how many things `act` did; an error of one row surfaces in the log and does not stop the others."""
    life.sign()
    try:
        done[kind] += int(act(*args, **kwargs))
    except Exception as error:
        logger.exception("%s: %s", act.__name__, type(error).__name__)
        done["crashed"] += 1


def _lost_quotes(now):
    """Quotes that their task did not fetch. Those that have waited too long are given up."""
    lost = list(Quote.objects.filter(state=Quote.State.PENDING, asked_at__lt=now - timedelta(seconds=5)).select_related(
        "sku__product", "sku__supplier")[:BATCH])
    late = [quote.pk for quote in lost if quote.asked_at < now - QUOTE_GIVES_UP_AFTER]
    if late:
        Quote.objects.filter(pk__in=late, state=Quote.State.PENDING).update(
            state=Quote.State.REFUSED, note="The price did not arrive in time. Ask again.")
    return [quote for quote in lost if quote.pk not in late]


def _fetch(quote, watch):
    quoting.fetch(quote=quote, now=watch.now())
    return True
