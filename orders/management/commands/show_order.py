"""Show one order, by its id, its reference, its supplier's id or an attempt's reference."""

import contextlib
import json
import uuid

from django.db.models import Q

from catalog import commanding
from orders.models import Order
from orders.report import describe


class Command(commanding.Command):
    help = "Show one order with its attempts, masked units and timeline."

    def add_arguments(self, parser):
        parser.add_argument("order", help="the order's id, its reference, or the supplier's id of it")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args, **options):
        document = describe(find(options["order"]))
        if options["json"]:
            self.stdout.write(json.dumps(document, ensure_ascii=False))
            return
        head = ("reference", "status", "needs_review", "total", "currency", "supplier_order_id", "reason", "order")
        for name in head:
            self.stdout.write(f"{name:18} {document[name] if document[name] is not None else ''}")
        for attempt in document["attempts"]:
            told = f"{attempt['quantity']} pcs {attempt['state']}, sent {attempt['send_count']}x"
            self.stdout.write(f"attempt            {attempt['ref']} {told}")
        for unit in document["units"]:
            self.stdout.write(f"unit {unit['ordinal']:<13} {unit['code']}")
        for event in document["events"]:
            self.stdout.write(f"{event['at'][:19]}Z {event['kind']:9} {event['text']}")


def find(text):
    """The order that `text` names; commanding.Refused where there is none."""
    named = Q(reference=text) | Q(supplier_order_id=text) | Q(attempts__ref=text) | Q(attempts__supplier_order_id=text)
    with contextlib.suppress(ValueError):
        named |= Q(pk=uuid.UUID(text))
    order = Order.objects.filter(named).distinct().first()
    if order is None:
        raise commanding.Refused(
            f"There is no order {text}. Give its id, its reference, the supplier's id of it or an attempt's reference.")
    return order
