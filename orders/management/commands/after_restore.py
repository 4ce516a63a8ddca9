"""The first thing to do after an older copy of the database was put in place, before any worker runs."""

import json

from catalog import clock, commanding
from catalog.suppliers import ports
from orders import restoring

from .match_orders import compare


class Command(commanding.Command):
    help = "After a restore: look up what waits to be sent before it goes, and find what was bought since the backup."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args, **options):
        doubted = restoring.doubt_what_is_unsent(now=clock.now())
        restoring.keep_last_call()
        compared = {one.name: compare(one) for one in commanding.active_suppliers(ports.OrderBook)}
        if options["json"]:
            self.stdout.write(json.dumps({"looked_up_first": doubted, "suppliers": compared}, ensure_ascii=False))
        else:
            self.stdout.write(f"{doubted} orders are looked up at their supplier before they are sent.")
            for name, counts in compared.items():
                self.stdout.write(f"{name}: {counts['found']} purchases found that the backup did not know, "
                                  f"{counts['unmatched']} without any order here (Orders, Unmatched)")
        failed = [name for name, counts in compared.items() if counts["trouble"]]
        if failed:
            raise commanding.Failed(f"{', '.join(failed)} could not be compared: run match_orders for them first.")
