"""Book entries as CSV (RFC 4180): the current filter, row by row, without ever holding all of them."""

import csv
from datetime import UTC

from catalog import money

HEADINGS = (
    "supplier", "currency", "kind", "status", "word", "amount", "balance_after", "occurred_at_utc", "posted_at_utc",
    "order_id", "method", "external_ref", "supplier_key",
)
# A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text):
        return text


def lines(entries):
    """Lines of a CSV file of `entries` (a queryset), newest first. Amounts are exact; text can start no formula."""
    writer = csv.writer(_Echo())
    yield writer.writerow(HEADINGS)
    for entry in entries.select_related("supplier").order_by("-occurred_at", "-id").iterator(chunk_size=500):
        yield writer.writerow(_cells(entry))


def harmless(text):
    """`text` as a cell that a spreadsheet shows and does not reckon."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _cells(entry):
    return (
        *map(harmless, (entry.supplier.name, entry.currency, entry.kind, entry.status, entry.word)),
        money.plain(entry.amount, entry.currency), money.plain(entry.balance_after, entry.currency),
        _instant(entry.occurred_at), _instant(entry.posted_at),
        *map(harmless, (entry.order_id, entry.method, entry.external_ref, entry.supplier_key)),
    )


def _instant(at):
    return at and f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
