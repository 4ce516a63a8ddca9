"""The order list as CSV: exactly the filter that is on the page, and never a code."""

from collections import defaultdict

from catalog import exporting

from . import paging, rows
from .models import Attempt
from .report import plain

BATCH = 1000
HEAD = (
    "order", "reference", "status", "needs_review", "test", "supplier", "product", "sku", "recipient", "quantity",
    "agreed_total", "charged_total", "currency", "supplier_order_id", "placed_at", "finished_at", "placed_by",
)


def lines(orders):
    """The lines of the file, the newest order first, at most CAP of them."""
    return exporting.lines(HEAD, (map(exporting.guarded, _values(row, ids)) for row, ids in _read(orders)))


def _read(orders):
    """The rows, a page at a time, each with the ids of all its parts at the supplier."""
    after, left = "", exporting.CAP
    while left > 0:
        page = paging.page(rows.select(orders), after=after, size=min(BATCH, left))
        ids = _supplier_order_ids([row.id for row in page.rows])
        yield from ((row, " ".join(ids[row.id]) or row.supplier_order_id) for row in page.rows)
        after, left = page.older, left - len(page.rows)
        if not after:
            return


def _supplier_order_ids(orders):
    found = defaultdict(list)
    known = Attempt.objects.filter(order__in=orders, supplier_order_id__isnull=False).order_by("chunk", "n")
    for order, supplier_order_id in known.values_list("order", "supplier_order_id"):
        found[order].append(supplier_order_id)
    return found


def _values(row, supplier_order_ids):
    return (
        row.id, row.reference, row.status, "yes" if row.needs_review else "no", "yes" if row.is_test else "no",
        row.supplier__name, row.sku__product__name, row.sku__name, row.recipient, row.quantity,
        plain(row.agreed_total, row.currency), plain(row.charged_total, row.currency), row.currency,
        supplier_order_ids, row.created_at.isoformat(timespec="seconds"),
        row.finished_at.isoformat(timespec="seconds") if row.finished_at else "", row.placed_by__username,
    )
