"""Mirroring a supplier's books without loss and without doubles.

Lists come newest first and grow while we read them. A walk goes down from the newest row until it is past everything
that could still be missing: the newest row of the last finished walk, less an overlap, and the oldest pending row. What
was read is kept page by page; only a finished walk moves the mark that lets the next one stop early.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from catalog.suppliers.errors import Misread, Refused, SupplierError

from . import accounts, chain
from .models import Books, Entry

# Rows may appear late, and a cursor that counts in seconds may skip twins at a page's edge: look again this far back.
OVERLAP = timedelta(hours=2)
# A transfer that has been pending for longer than this is not coming; it no longer makes walks longer.
PENDING_FOR = timedelta(days=60)
# One walk must end well before the queue gives up on its task; a long history is continued by the next walk.
PAGES_MAX = 60
SECONDS_MAX = 30


@dataclass(frozen=True, slots=True)
class Mirrored:
    """How many entries were new, and why the walk could not be finished ('' when it was)."""

    new: int
    failure: str = ""


@dataclass(slots=True)
class Walk:
    """One way down the list. `stopped_at` is the cursor to go on from where the bound was hit, else ''."""

    new: int = 0
    pages: int = 0
    newest: datetime | None = None
    oldest: datetime | None = None
    oldest_new: datetime | None = None
    stopped_at: str = ""
    has_ended: bool = False
    total: int | None = None
    seen: set = field(default_factory=set)


class Endless(Misread):
    """The list goes round in circles, or ends before all of its rows were shown."""


def mirror(*, supplier, client, now):
    """Bring the mirror of the books of `supplier` up to date. Never raises a SupplierError: see `Mirrored.failure`."""
    books, _ = Books.objects.get_or_create(supplier=supplier)
    walk, failure = Walk(), ""
    try:
        _walk_top(books, client, walk, now)
        _walk_rest(books, client, walk, now)
    except SupplierError as error:
        failure = error.message
    if walk.new:
        for account in supplier.accounts.select_related("first_break"):
            chain.check(account, since=walk.oldest_new)
    Books.objects.filter(pk=books.pk).update(failure=failure, **({} if failure else {"read_at": now}))
    return Mirrored(walk.new, failure)


def _walk_top(books, client, walk, now):
    """Down from the newest row to where the last finished walk began, then a second look at the first page."""
    _walk(books, client, walk, start=None, reach=_reach(books, now), now=now)
    if walk.pages > 1:  # rows that arrived meanwhile stand on the first page now
        _keep(books, client.entries(None), walk, now)
    if walk.has_ended and walk.total is not None and len(walk.seen) < walk.total:
        raise Endless(f"the list ended after {len(walk.seen)} of {walk.total} rows")
    marks = {"backfill_cursor": walk.stopped_at} if _leaves_gap(walk, books) else {}
    if walk.newest:  # a row dated in the future must not make the next walk stop too early
        marks["complete_to"] = min(now, max(filter(None, (walk.newest, books.complete_to))))
    Books.objects.filter(pk=books.pk).update(**marks)


def _walk_rest(books, client, walk, now):
    """Go on with a history that was too long for one walk."""
    if _leaves_gap(walk, books):
        return
    books.refresh_from_db()
    if not books.backfill_cursor:
        return
    rest = Walk()
    marks = {}
    try:
        _walk(books, client, rest, start=books.backfill_cursor, reach=None, now=now)
        marks = {"backfill_cursor": rest.stopped_at}
    except Refused:  # the supplier no longer knows this place: start over
        marks = {"backfill_cursor": "", "complete_to": None}
        raise
    finally:
        walk.new += rest.new
        walk.oldest_new = min(filter(None, (walk.oldest_new, rest.oldest_new)), default=None)
        Books.objects.filter(pk=books.pk).update(**marks)


def _leaves_gap(walk, books):
    """Whether the walk was stopped before it met what an earlier one had read."""
    return bool(walk.stopped_at) and (books.complete_to is None or walk.oldest >= books.complete_to)


def _reach(books, now):
    """How far back a walk has to look; None: to the end."""
    if books.complete_to is None:
        return None
    pending = Entry.objects.filter(
        supplier=books.supplier_id, occurred_at__gte=now - PENDING_FOR).exclude(status=Entry.Status.POSTED)
    oldest = pending.order_by("occurred_at").values_list("occurred_at", flat=True).first()
    return min(filter(None, (books.complete_to - OVERLAP, oldest)))


def _walk(books, client, walk, *, start, reach, now):
    """Read pages from `start` until one lies wholly before `reach`, the list ends, or the bound is hit."""
    cursor, cursors, deadline = start, {start}, time.monotonic() + SECONDS_MAX
    while True:
        page = client.entries(cursor)
        repeats = bool(page.items) and _keys(page) <= walk.seen
        fresh = _keep(books, page, walk, now)
        if page.next_cursor is None:
            walk.has_ended = True
            return
        if not fresh and reach is not None and _is_past(page, reach) and _is_all_known(books, page):
            return
        if page.next_cursor in cursors or (repeats and walk.pages > 2):
            raise Endless(f"the list repeats itself after page {walk.pages}")
        cursor = page.next_cursor
        cursors.add(cursor)
        if walk.pages >= PAGES_MAX or time.monotonic() > deadline:
            walk.stopped_at = cursor
            return


def _is_past(page, reach):
    """Whether a page shows that all below it is older than `reach`. Only a page in newest-first order can show that."""
    times = [entry.occurred_at for entry in page.items]
    return bool(times) and times[0] < reach and times == sorted(times, reverse=True)


def _keep(books, page, walk, now):
    """Store what is new on a page and move what was pending; how many rows were new."""
    walk.pages += 1
    walk.total = page.total
    walk.seen |= _keys(page)
    times = [entry.occurred_at for entry in page.items] + ([walk.newest, walk.oldest] if walk.newest else [])
    walk.newest, walk.oldest = max(times, default=None), min(times, default=None)
    fresh = _keep_entries(books.supplier, page.items, now)
    walk.new += len(fresh)
    walk.oldest_new = min(filter(None, (walk.oldest_new, *(entry.occurred_at for entry in fresh))), default=None)
    return len(fresh)


def _is_all_known(books, page):
    """Where the supplier tells how many rows there are: whether we hold as many. A backdated row hides far below."""
    if page.total is None:
        return True
    return Entry.objects.filter(supplier=books.supplier_id, kind=page.items[0].kind).count() >= page.total


def _keys(page):
    return {(entry.kind, entry.key, entry.currency) for entry in page.items}


@transaction.atomic
def _keep_entries(supplier, entries, now):
    places = {currency: accounts.at(supplier=supplier, currency=currency)
              for currency in {entry.currency for entry in entries}}
    known = {
        (entry.account_id, entry.kind, entry.supplier_key): entry
        for entry in Entry.objects.filter(supplier=supplier, supplier_key__in={entry.key for entry in entries})
        .only("account_id", "kind", "supplier_key", "status")
    }
    missing = {}
    for entry in reversed(entries):  # oldest first, so that ids grow with time
        place = (places[entry.currency].pk, entry.kind, entry.key)
        if place in known:
            _move_status(known[place], entry)
        else:
            missing[place] = _row(supplier, places[entry.currency], entry, now)
    return Entry.objects.bulk_create(missing.values(), ignore_conflicts=True)


def _move_status(row, entry):
    """Follow the supplier from pending to posted, never back: a page read earlier may be stored later."""
    if row.status in (entry.status, Entry.Status.POSTED):
        return
    Entry.objects.filter(pk=row.pk).exclude(status=Entry.Status.POSTED).update(
        status=entry.status, word=entry.word[:60], posted_at=entry.posted_at)


def _row(supplier, account, entry, now):
    return Entry(
        supplier=supplier, account=account, kind=entry.kind, supplier_key=entry.key, word=entry.word[:60],
        status=entry.status, amount=entry.amount, currency=entry.currency, balance_after=entry.balance_after,
        order_id=entry.order_id[:100], method=entry.method[:60], external_ref=entry.external_ref[:200],
        occurred_at=entry.occurred_at, posted_at=entry.posted_at, first_seen_at=now, raw=entry.raw or {})
