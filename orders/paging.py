"""A page of orders by its place in the order of time, so that page 10,000 costs what page 1 costs.

A cursor names the row a page begins after; rows that arrive meanwhile neither repeat nor hide another.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q

from catalog.paging import OddPlace

SIZE = 50
_CURSOR = re.compile(r"(\d{8}T\d{12})-([0-9a-f]{32})")


@dataclass(frozen=True)
class Page:
    """`rows`, newest first, and the cursors of the pages beside it ('' where there is none)."""

    rows: list
    newer: str
    older: str


def page(orders, *, after="", before="", size=SIZE):
    """One page of `orders` (a queryset of rows with `created_at` and `id`): what is older than the cursor `after`, or
    newer than the cursor `before`. Raises OddPlace.
    """
    if before:
        return _newer(orders, before, size)
    newest_first = orders.order_by("-created_at", "-id")
    if after:
        at, pk = _place(after)
        newest_first = newest_first.filter(Q(created_at__lte=at) & ~Q(created_at=at, id__gte=pk))
    rows = list(newest_first[:size + 1])
    return _page(rows[:size], has_newer=bool(after), has_older=len(rows) > size)


def cursor(row):
    """The place of `row`, for an address."""
    return f"{row.created_at.astimezone(UTC):%Y%m%dT%H%M%S%f}-{row.id.hex}"


def _newer(orders, before, size):
    at, pk = _place(before)
    newer = Q(created_at__gte=at) & ~Q(created_at=at, id__lte=pk)
    rows = list(orders.filter(newer).order_by("created_at", "id")[:size + 1])
    if len(rows) <= size:
        return page(orders, size=size)  # the top is reached: a full first page, not a rest of it
    return _page(rows[:size][::-1], has_newer=True, has_older=True)


def _page(rows, *, has_newer, has_older):
    return Page(
        rows, newer=cursor(rows[0]) if rows and has_newer else "", older=cursor(rows[-1]) if rows and has_older else "")


def _place(text):
    found = _CURSOR.fullmatch(text)
    if not found:
        raise OddPlace(text[:60])
    try:
        return datetime.strptime(found[1], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC), uuid.UUID(found[2])
    except ValueError:
        raise OddPlace(text[:60]) from None
