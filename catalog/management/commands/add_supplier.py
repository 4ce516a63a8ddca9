"""`manage.py add_supplier NAME`: connects a supplier, or changes a connection, and tests it with a cheap read."""

import json as json_format
import sys

from django.utils import timezone

from catalog import commanding, connecting, gateway
from catalog.models import Supplier
from catalog.suppliers import registry

OPTIONS = {"name": "NAME", "base_url": "--base-url", "credentials": "--credential", "settings": "--setting"}


class Command(commanding.Command):
    help = "Creates or updates a connection to a supplier, then tests it with a cheap read."

    def add_arguments(self, parser):
        pairs = {"nargs": "+", "action": "extend", "default": [], "metavar": "K=V"}
        parser.add_argument("name", metavar="NAME", help="short name used in addresses and commands")
        parser.add_argument("--api", help=f"one of: {', '.join(sorted(registry.APIS))}")
        parser.add_argument("--base-url", metavar="URL", help="address given by the supplier")
        parser.add_argument("--credential", **pairs, help="for example api_key=…; may be given several times")
        parser.add_argument("--setting", **pairs, help="an adjustable value of the API")
        parser.add_argument("--environment", choices=Supplier.Environment.values, help="sandbox unless told otherwise")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *, name, json, **options):
        supplier = described(name, options)
        try:
            connecting.connect(
                supplier=supplier, credentials=pairs_of(options["credential"], "credential"), by=None,
                now=timezone.now())
        except connecting.Wrong as wrong:
            raise commanding.Refused(commanding.joined(wrong.errors, OPTIONS)) from None
        result = gateway.check(supplier)
        told = {"supplier": supplier.name, "connected": result.connected, "detail": result.detail}
        words = "connected" if result.connected else "not connected"
        self.stdout.write(json_format.dumps(told) if json else f"{supplier.name}: {words}. {result.detail}")
        if not result.connected:
            # The connection is kept and can be corrected, but it does not work yet.
            sys.exit(1)


def described(name, options):
    """The supplier of that name with what the options change, not saved."""
    supplier = Supplier.objects.filter(name=name).first()
    missing = [f"--{field.replace('_', '-')}" for field in ("api", "base_url") if not options[field]]
    if supplier is None and missing:
        raise commanding.Refused(f"{name} is a new supplier: it needs {' and '.join(missing)}.")
    supplier = supplier or Supplier(name=name)
    for field in ("api", "base_url", "environment"):
        setattr(supplier, field, options[field] or getattr(supplier, field))
    supplier.settings = {**supplier.settings, **pairs_of(options["setting"], "setting")}
    return supplier


def pairs_of(texts, what):
    """`{K: V}` of `K=V` texts. The values are never repeated in an error."""
    odd = [text for text in texts if not text.partition("=")[0].isidentifier() or "=" not in text]
    if odd:
        raise commanding.Refused(f"Write each --{what} as NAME=VALUE; {len(odd)} of {len(texts)} is not.")
    return dict(text.split("=", 1) for text in texts)
