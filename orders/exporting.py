"""The order list as CSV: exactly the filter that is on the page, and never a code."""

from catalog import exporting

from . import paging, rows
from .report import plain

BATCH = 1000
HEAD = (
    "order", "reference", "status", "needs_review", "test", "supplier", "product", "sku", "recipient", "quantity",
    "agreed_total", "charged_total", "currency", "supplier_order_id", "placed_at", "finished_at", "placed_by",
)


def lines(orders):
    """The lines of the file, the newest order first, at most CAP of them."""
    return exporting.lines(HEAD, (map(exporting.guarded, _values(row)) for row in _read(orders)))


def _read(orders):
    """The rows, a page at a time."""
    after, left = "", exporting.CAP
    while left > 0:
        page = paging.page(rows.select(orders), after=after, size=min(BATCH, left))
        yield from page.rows
        after, left = page.older, left - len(page.rows)
        if not after:
            return


def _values(row):
    return (
        row.id, row.reference, row.status, "yes" if row.needs_review else "no", "yes" if row.is_test else "no",
        row.supplier__name, row.sku__product__name, row.sku__name, row.recipient, row.quantity,
        plain(row.agreed_total, row.currency), plain(row.charged_total, row.currency), row.currency,
        row.supplier_order_id, row.created_at.isoformat(timespec="seconds"),
        row.finished_at.isoformat(timespec="seconds") if row.finished_at else "", row.placed_by__username,
    )
