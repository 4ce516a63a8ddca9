"""`manage.py check_transaction NAME`: asks a supplier what became of one transaction, and keeps the answer."""

import json as json_format

from django.core.management.base import BaseCommand, CommandError

from catalog import clock
from catalog.models import Supplier
from catalog.money import plain
from orders import checking, entering, telling
from orders.models import Transaction


class Command(BaseCommand):
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
    supplier = Supplier.objects.filter(name=name).first()
    if supplier is None:
        raise CommandError(f"No supplier is called {name}.", returncode=2)
    odd = [pair for pair in pairs if "=" not in pair]
    if odd:
        raise CommandError(f"--field {odd[0]}: write it as NAME=VALUE.", returncode=2)
    try:
        query = telling.read(dict(pair.split("=", 1) for pair in pairs))
        return entering.enter(supplier=supplier, query=query, by=None, now=clock.now())
    except (telling.Wrong, entering.CannotAsk) as refusal:
        raise CommandError(str(refusal), returncode=2) from None


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
