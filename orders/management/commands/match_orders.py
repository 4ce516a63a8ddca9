"""Compare suppliers' lists of orders with ours."""

import json

from catalog import clock, commanding, gateway
from catalog.suppliers import ports
from catalog.suppliers.errors import SupplierError
from orders import matching


class Command(commanding.Command):
    help = "Compare a supplier's whole list of orders with ours, and keep what no order here explains."

    def add_arguments(self, parser):
        parser.add_argument("supplier", nargs="*", help="names; all active ones where none is given")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args, **options):
        named = commanding.suppliers(options["supplier"], ports.OrderBook)
        told = {one.name: compare(one) for one in named or commanding.active_suppliers(ports.OrderBook)}
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            for name, counts in told.items():
                self.stdout.write(f"{name}: {counts['read']} read, {counts['found']} found that were not known, "
                                  f"{counts['unmatched']} that no order here explains{counts['trouble'] and ': '}"
                                  f"{counts['trouble']}")
        failed = [name for name, counts in told.items() if counts["trouble"]]
        if failed:
            raise commanding.Failed(f"{', '.join(failed)} could not be compared to the end.")


def compare(supplier):
    """Counts of one supplier, with what stopped the comparison in `trouble` ('' for nothing)."""
    try:
        return {**vars(matching.match(supplier=supplier, now=clock.now())), "trouble": ""}
    except (SupplierError, gateway.NotConnected) as trouble:
        return {"read": 0, "found": 0, "unmatched": 0, "trouble": str(trouble)}
