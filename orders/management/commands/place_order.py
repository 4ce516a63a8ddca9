"""Place one order from the command line: what the order form does, for cron and scripts."""

import json
import time
import uuid

from catalog import clock, commanding
from catalog.models import Sku
from orders import placing, quoting, sweep, terms
from orders.models import Order, Quote
from orders.report import summarise

TOKEN_SPACE = uuid.UUID("6f1c4f0e-7a53-4a55-9d53-6a3b3b0f5f10")


class Command(commanding.Command):
    help = "Record an order, then send it. The same --reference with the same content never buys twice."

    def add_arguments(self, parser):
        parser.add_argument("name", help="the supplier's name")
        parser.add_argument("sku", help="the supplier's own id of the SKU")
        parser.add_argument("--quantity", default="1")
        parser.add_argument("--amount", help="face amount, for SKUs without a fixed value")
        parser.add_argument("--field", action="append", default=[], metavar="NAME=VALUE", help="an input of the product")
        parser.add_argument("--reference", default="", help="your own order number, unique")
        parser.add_argument("--wait", type=commanding.seconds, default=0, metavar="SECONDS", help="wait until it is final")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args, **options):
        sku = _sku(options["name"], options["sku"])
        try:
            wanted = terms.check(
                sku=sku, quantity=options["quantity"], amount=options["amount"], fields=_fields(options["field"]))
            order = self._place(sku, wanted, options["reference"])
        except terms.Wrong as wrong:
            raise commanding.Refused(commanding.joined(wrong.errors, _options(wrong.errors))) from None
        except placing.TokenReused:
            raise commanding.Refused(
                f"--reference: {options['reference']} is the reference of another purchase. Give a new one.") from None
        except placing.Refusal as refusal:
            raise commanding.Refused(refusal.message) from None
        self._send(order, options["wait"])
        self._print(Order.objects.get(pk=order.pk), options["json"])

    def _place(self, sku, wanted, reference):
        token = uuid.uuid5(TOKEN_SPACE, reference) if reference else uuid.uuid4()
        placed = Order.objects.filter(submission_token=token).first()
        if placed and placed.quote and placed.quote.request_digest == wanted.digest:
            return placed
        now = clock.now()
        quote = quoting.fetch(quote=quoting.record(sku=sku, terms=wanted, by=None, now=now), now=now)
        if quote.state == Quote.State.REFUSED:
            raise placing.NotOrderable(quote.note)
        return placing.confirm(
            token=token, sku=sku, terms=wanted, quote=quote, reference=reference, by=None, now=clock.now(), repeat=True)

    def _send(self, order, wait_s):
        """Do this order's due work here, until it is final or the wait is over; a worker may do it as well."""
        ends_at = time.monotonic() + wait_s
        while True:
            sweep.run_order(order_id=order.pk, now=clock.now())
            if Order.objects.get(pk=order.pk).is_final or time.monotonic() >= ends_at:
                return
            time.sleep(min(0.5, wait_s))

    def _print(self, order, as_json):
        document = summarise(order)
        if as_json:
            self.stdout.write(json.dumps(document, ensure_ascii=False))
        else:
            self.stdout.write(
                f"{document['reference']} {document['status']}: {document['total']} {document['currency']}"
                f"{'. ' + document['reason'] if document['reason'] else ''}")


def _options(errors):
    """The option that each input of `terms.Wrong` comes from."""
    return {name: f"--field {name.removeprefix('fields.')}" if name.startswith("fields.") else f"--{name}"
            for name in errors} | {"sku": "SKU"}


def _sku(name, ref):
    [supplier] = commanding.suppliers([name])
    sku = Sku.objects.select_related("product", "supplier").filter(supplier=supplier, supplier_ref=ref).first()
    if sku is None:
        raise commanding.Refused(f"{name} has no SKU {ref}. Run sync_catalog, or look it up on the catalog page.")
    return sku


def _fields(pairs):
    fields = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not name:
            raise commanding.Refused("Write each --field as NAME=VALUE.")
        fields[name] = value
    return fields
