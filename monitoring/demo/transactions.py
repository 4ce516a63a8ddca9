"""Transactions on players' wallets in each status, as a support desk has them after a night at the tables."""

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from orders import checking, entering, filing, telling
from orders.models import ResultCode, Transaction

# What this shop has learned of the supplier's codes beside the published ones.
LEARNED = (
    ("5", "Not known there", "Compare every value with the log of the game; then ask again.", "unknown"),
    ("6", "Told otherwise", "One of the values is not as it was sent.", "unknown"),
    ("7", "In progress", "The supplier has it and is not done.", "pending"),
    ("8", "Rejected", "It did not happen. Settle the player's money by hand.", "failed"),
)
FIELDS = tuple(name for name in telling.FIELDS if name != "provider_id")
IN_FILE = 5  # of the lab's transactions, the last ones come from a file


def show_every_status(books, supplier, *, by, now):
    """Add a transaction in each status, one that nobody asks about any more, one not asked yet, and a file; once."""
    if Transaction.objects.filter(supplier=supplier).exists():
        return
    for code, word, meaning, outcome in LEARNED:
        ResultCode.objects.get_or_create(
            api=supplier.api, code=code, defaults={"word": word, "meaning": meaning, "outcome": outcome})
    rows = list(books.transactions.values())
    for minutes, row in enumerate(rows[:-IN_FILE], start=1):
        _entered(supplier, row, by, now - timedelta(minutes=17 * minutes))
    long_ago = now - checking.GIVE_UP_AFTER - timedelta(hours=1)
    _entered(supplier, rows[0], by, long_ago, asked_at=now - timedelta(minutes=50), round_id="r-20260111-000016")
    _night_file(supplier, rows[-IN_FILE:], by, now - timedelta(minutes=40))
    _entered(supplier, rows[0], by, now, asked_at=None, action="rollback")


def _entered(supplier, row, by, at, *, asked_at="at once", **changes):
    query = telling.read(_told(row) | changes)
    entered = entering.enter(supplier=supplier, query=query, by=by, now=at)
    if asked_at:
        _ask(entered.pk, at + timedelta(seconds=1) if asked_at == "at once" else asked_at)


def _night_file(supplier, rows, by, at):
    """Lines as a spreadsheet writes them; the last two cannot be used."""
    lines = [FIELDS, *(_told(row).values() for row in rows)]
    text = "\n".join(";".join(line) for line in lines)
    odd = ";".join({**_told(rows[0]), "amount": "12,50"}.values())
    upload = SimpleUploadedFile("night-shift.csv", f"{text}\n{odd}\nhand-written line\n".encode())
    file = filing.take(supplier=supplier, upload=upload, by=by, now=at)
    for line in file.rows.filter(transaction__isnull=False).order_by("line"):
        _ask(line.transaction_id, at + timedelta(seconds=line.line))


def _told(row):
    return {name: str(getattr(row, name)) for name in FIELDS}


def _ask(pk, at):
    checking.check(pk=pk, now=at, clock=lambda: at)
