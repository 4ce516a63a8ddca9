"""Files of many transactions: read within limits, odd lines named and refused, the good ones entered all the same."""

import csv
import io

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from catalog import exporting
from catalog.money import plain

from . import entering, telling
from .models import TransactionFile, TransactionFileRow
from .models.transaction import OPEN, TransactionStatus
from .telling import FIELDS, OPTIONAL, Wrong

MOST_ROWS = 2000
MOST_BYTES = 1024 * 1024
LONGEST_NAME = 120
REQUIRED = tuple(name for name in FIELDS if name not in OPTIONAL)
TOLD = ("player_id", "site_id", "provider_id", "game_id", "currency", "amount", "round_id", "transaction_id", "action")
RESULT_HEAD = ("line", *TOLD, "status", "code", "message", "request_id", "balance", "http_version", "answered_at", "detail",
               "problem")


class Unreadable(Exception):
    """The file cannot be used at all; the text says what to change. Nothing was entered."""


def take(*, supplier, upload, by, now):
    """The TransactionFile of an upload (with `name`, `size`, `read()`). Raises Unreadable, or entering.CannotAsk."""
    desk = entering.desk_of(supplier)
    if upload.size > MOST_BYTES:
        raise Unreadable(_("The file is larger than 1 MB. Split it."))
    queries, problems = _sorted(_rows(upload.read(MOST_BYTES + 1)), desk)
    with transaction.atomic():
        file = TransactionFile.objects.create(supplier=supplier, name=_name(upload.name), created_at=now, by=by)
        entered = entering.enter_all(supplier=supplier, queries=list(queries.values()), by=by, now=now)
        taken = {line: row.pk for line, row in zip(queries, entered, strict=True)}
        TransactionFileRow.objects.bulk_create(
            [TransactionFileRow(file=file, line=line, transaction_id=pk) for line, pk in taken.items()]
            + [TransactionFileRow(file=file, line=line, problem=problem) for line, problem in problems.items()],
            batch_size=entering.CHUNK)
        async_task("orders.tasks.check_file", file.pk, cluster="catalog")  # must not delay an order
    return file


def progress(file):
    """How many lines: `total`, `refused`, and of the others each status by its word, `answered` being all but waiting."""
    statuses = list(file.rows.values_list("transaction__status", flat=True))
    counts = {word: statuses.count(word) for word in TransactionStatus.values}
    taken = sum(counts.values())
    return {"total": len(statuses), "taken": taken, "refused": len(statuses) - taken,
            "answered": taken - counts[TransactionStatus.WAITING], **counts}


def with_counts(files):
    """`files` (a list), each with how many `lines` it has, and how many of them are `refused` and still `open`."""
    counted = TransactionFileRow.objects.filter(file__in=files).order_by().values("file").annotate(
        lines=Count("pk"), refused=Count("pk", filter=Q(transaction=None)),
        open=Count("pk", filter=Q(transaction__status__in=OPEN)))
    counts = {row.pop("file"): row for row in counted}
    for file in files:
        vars(file).update(counts.get(file.pk, {"lines": 0, "refused": 0, "open": 0}))
    return files


def result_lines(file):
    """The lines of the result file, as they stand now; never a token."""
    rows = file.rows.select_related("transaction").order_by("line").iterator(chunk_size=entering.CHUNK)
    return exporting.lines(RESULT_HEAD, (map(exporting.guarded, _result(row)) for row in rows))


def _result(row):
    told = row.transaction
    if told is None:
        return [row.line, *[""] * (len(RESULT_HEAD) - 2), row.problem]
    balance = plain(told.balance, told.currency)
    answered_at = told.answered_at.isoformat(timespec="seconds") if told.answered_at else ""
    return [row.line, *(getattr(told, name) for name in TOLD), told.status, told.code, told.message, told.request_id,
            balance, told.http_version, answered_at, told.detail, ""]


def _rows(raw):
    """(line, cells by column) of each row that holds anything. Raises Unreadable."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(_("The file is not UTF-8 text. Save it as CSV UTF-8.")) from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        head = [name.strip().lower() for name in next(reader, [])]
        _check_head(head)
        found = [(reader.line_num, head, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise Unreadable(_("Line %(line)d is not CSV: %(why)s. Nothing was entered.") % {
            "line": reader.line_num, "why": error}) from None
    if not found:
        raise Unreadable(_("The file has no line below its head."))
    if len(found) > MOST_ROWS:
        raise Unreadable(_("The file has %(n)d lines; at most %(most)d go in one. Split it.") % {
            "n": len(found), "most": MOST_ROWS})
    return found


def _delimiter(text):
    """What the first line is cut by: spreadsheets of some countries write semicolons."""
    head = text.partition("\n")[0]
    return max(",;\t", key=head.count)


def _check_head(head):
    missing = [name for name in REQUIRED if name not in head]
    if missing:
        raise Unreadable(_("The first line must name the columns. Missing: %(names)s.") % {"names": ", ".join(missing)})
    twice = sorted({name for name in head if head.count(name) > 1})
    if twice:
        raise Unreadable(_("The first line names a column twice: %(names)s.") % {"names": ", ".join(twice)})


def _sorted(rows, desk):
    """Queries and problems, each by line."""
    queries, problems = {}, {}
    for line, head, cells in rows:
        try:
            queries[line] = _query(head, cells, desk)
        except Wrong as wrong:
            problems[line] = str(wrong)[:400]
    return queries, problems


def _query(head, cells, desk):
    if len(cells) != len(head):
        raise Wrong({"line": _("It has %(n)d of %(head)d cells.") % {"n": len(cells), "head": len(head)}})
    query = telling.read({name: cell for name, cell in zip(head, cells, strict=True) if name in FIELDS})
    entering.fits(desk=desk, query=query)
    return query


def _name(name):
    plain = "".join(letter for letter in name.replace("\\", "/").rpartition("/")[2] if letter.isprintable())
    return plain[-LONGEST_NAME:] or "transactions.csv"
