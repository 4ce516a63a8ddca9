"""Lists as CSV files (RFC 4180): no cell is a formula, no file is endless, and each leaves a row that says who took it."""

import csv

from django.http import StreamingHttpResponse

from .models import Export

CAP = 50_000
# A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "|", "%")
FILTER_LENGTH = Export._meta.get_field("filter").max_length


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text):
        return text


def write_down(*, what, wanted, rows, by, now):
    """Note that `by` takes the list `what`, filtered by `wanted` (a query string); gives the Export.

    `rows` is a queryset. It is counted up to one more than CAP: of a longer list the file holds the first CAP rows.
    """
    count = rows.order_by().values("pk")[:CAP + 1].count()
    return Export.objects.create(
        by=by, at=now, what=what, filter=wanted[:FILTER_LENGTH], rows=min(count, CAP), is_cut=count > CAP)


def answer(lines, *, name, export):
    """The file, sent while it is made; its name says when it was cut."""
    cut = f"-first-{CAP}" if export.is_cut else ""
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers={
        "Content-Disposition": f'attachment; filename="{name}{cut}.csv"'})


def lines(head, rows):
    """Lines of a file with the headings `head` and the cells of `rows`."""
    writer = csv.writer(_Echo())
    yield writer.writerow(head)
    for row in rows:
        yield writer.writerow(row)


def guarded(value):
    """`value` as a cell that a spreadsheet shows and does not reckon. Amounts do not go through here: -5 is one."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
