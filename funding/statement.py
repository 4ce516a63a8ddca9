"""Book entries as CSV: the current filter, row by row, without ever holding all of them."""

from datetime import UTC

from catalog import exporting, money

HEADINGS = (
    "supplier", "currency", "kind", "status", "word", "amount", "balance_after", "occurred_at_utc", "posted_at_utc",
    "order_id", "method", "external_ref", "supplier_key",
)


def lines(entries):
    """Lines of a CSV file of `entries` (a queryset): the newest CAP. Amounts are exact; text starts no formula."""
    newest = entries.select_related("supplier").order_by("-occurred_at", "-id")[:exporting.CAP]
    return exporting.lines(HEADINGS, map(_cells, newest.iterator(chunk_size=500)))


def _cells(entry):
    guarded = exporting.guarded
    return (
        *map(guarded, (entry.supplier.name, entry.currency, entry.kind, entry.status, entry.word)),
        money.plain(entry.amount, entry.currency), money.plain(entry.balance_after, entry.currency),
        _instant(entry.occurred_at), _instant(entry.posted_at),
        *map(guarded, (entry.order_id, entry.method, entry.external_ref, entry.supplier_key)),
    )


def _instant(at):
    return at and f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
