"""The order list as CSV: exactly the filter that is on the page, never a code, never a formula."""

import csv

from . import paging, rows
from .report import plain

CAP = 50_000
BATCH = 1000
HEAD = (
    "order", "reference", "status", "needs_review", "test", "supplier", "product", "sku", "recipient", "quantity",
    "agreed_total", "charged_total", "currency", "supplier_order_id", "placed_at", "finished_at", "placed_by",
)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text):
        return text


def lines(orders):
    """The lines of the file, the newest order first, at most CAP of them; read a page at a time."""
    writer = csv.writer(_Echo())
    yield writer.writerow(HEAD)
    after, left = "", CAP
    while left > 0:
        page = paging.page(rows.select(orders), after=after, size=min(BATCH, left))
        for row in page.rows:
            yield writer.writerow([guarded(value) for value in _values(row)])
        after, left = page.older, left - len(page.rows)
        if not after:
            return


def size(orders):
    """How many orders the file would hold, counted up to one more than CAP."""
    return orders.order_by()[:CAP + 1].count()


def guarded(value):
    """`value` as a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _values(row):
    return (
        row.id, row.reference, row.status, "yes" if row.needs_review else "no", "yes" if row.is_test else "no",
        row.supplier__name, row.sku__product__name, row.sku__name, row.recipient, row.quantity,
        plain(row.agreed_total, row.currency), plain(row.charged_total, row.currency), row.currency,
        row.supplier_order_id, row.created_at.isoformat(timespec="seconds"),
        row.finished_at.isoformat(timespec="seconds") if row.finished_at else "", row.placed_by__username,
    )
