"""`manage.py check_transaction NAME`: asks a supplier what became of one transaction, and keeps the answer."""

import json as json_format

from catalog import clock, commanding
from catalog.money import plain
from orders import checking, entering, telling
from orders.models import Transaction


class Command(commanding.Command):
    help = "Asks a supplier what became of one transaction on a player's wallet. What stays unknown is asked again later."

    def add_arguments(self, parser):
        parser.add_argument("name", metavar="NAME", help="the supplier's name")
        parser.add_argument("--field", nargs="+", action="extend", default=[], metavar="K=V",
                            help=f"one of: {', '.join(telling.FIELDS)}")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *, name, field, json, **options):
        row = entered(name, field)
        checking.check(pk=row.pk, now=clock.now(), clock=clock.now)
        row = Transaction.objects.get(pk=row.pk)
        if json:
            self.stdout.write(json_format.dumps(document(row), ensure_ascii=False))
        else:
            code = f" (code {row.code})" if row.code else ""
            self.stdout.write(f"{row}: {row.status}{code}. {row.message or row.detail}".strip())


def entered(name, pairs):
    """The Transaction that the fields describe; refused with nothing changed where they do not fit."""
    supplier, = commanding.suppliers([name])
    odd = [pair for pair in pairs if "=" not in pair]
    if odd:
        raise commanding.Refused(f"--field {odd[0]}: write it as NAME=VALUE.")
    try:
        query = telling.read(dict(pair.split("=", 1) for pair in pairs))
        return entering.enter(supplier=supplier, query=query, by=None, now=clock.now())
    except telling.Wrong as wrong:
        options = {field: f"--field {field}" for field in wrong.errors}
        raise commanding.Refused(commanding.joined(wrong.errors, options)) from None
    except entering.CannotAsk as refusal:
        raise commanding.Refused(refusal) from None


def document(row):
    """What `--json` prints. `outcome` is the best that is known; the rest is the answer it came with."""
    return {
        "outcome": row.status,
        "code": int(row.code) if row.code else None,
        "message": row.message or row.detail,
        "request_id": row.request_id or None,
        "balance": plain(row.balance, row.currency),
        "http_version": row.http_version or None,
    }
