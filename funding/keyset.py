"""Pages of rows in newest-first order that stay fast at any depth: a page is found by the row it begins behind.

A cursor is `<microseconds since 1970>-<id>`; one that makes no sense raises OddPlace.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from catalog.paging import OddPlace

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Slice:
    """One page. `older` and `newer` are the cursors of its neighbours, '' where there is none."""

    rows: list
    older: str = ""
    newer: str = ""


def cut(queryset, *, field, older_than="", newer_than="", size=50):
    """The `size` rows behind `older_than`, or those before `newer_than`, or the first ones, ordered by `field` and id."""
    after, before = _place(older_than), _place(newer_than)
    if before and not after:
        rows = list(queryset.filter(_beyond(field, "gt", before)).order_by(field, "id")[:size + 1])
        has_more, rows = len(rows) > size, rows[:size][::-1]
        return Slice(rows, older=_cursor(rows, -1, field), newer=_cursor(rows, 0, field) if has_more else "")
    if after:
        queryset = queryset.filter(_beyond(field, "lt", after))
    rows = list(queryset.order_by(f"-{field}", "-id")[:size + 1])
    has_more, rows = len(rows) > size, rows[:size]
    return Slice(rows, older=_cursor(rows, -1, field) if has_more else "", newer=_cursor(rows, 0, field) if after else "")


def just_above(row, *, field):
    """The cursor whose page begins with `row` itself."""
    return _write(getattr(row, field), row.pk + 1)


def _beyond(field, way, place):
    at, row_id = place
    # The first term alone decides where to begin in the index; the second splits rows of the same instant.
    return Q(**{f"{field}__{way}e": at}) & (Q(**{f"{field}__{way}": at}) | Q(**{f"id__{way}": row_id}))


def _place(cursor):
    if not cursor:
        return None
    match = re.fullmatch(r"(-?[0-9]{1,17})-([0-9]{1,18})", cursor)
    try:
        return EPOCH + timedelta(microseconds=int(match[1])), int(match[2])
    except (OverflowError, TypeError):
        raise OddPlace(cursor[:60]) from None


def _cursor(rows, position, field):
    return _write(getattr(rows[position], field), rows[position].pk) if rows else ""


def _write(at, row_id):
    return f"{(at - EPOCH) // timedelta(microseconds=1)}-{row_id}"
