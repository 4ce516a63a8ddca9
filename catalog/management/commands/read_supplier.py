"""`manage.py read_supplier NAME [OPERATION [ID]]`: what a supplier says about one thing, as it says it."""

import msgspec

from catalog import commanding, exact, gateway
from catalog.suppliers.errors import SupplierError
from catalog.suppliers.ports import Reference


class Command(commanding.Command):
    help = "Read one row of a supplier's reference data, or list what can be read there. Prints the supplier's JSON."

    def add_arguments(self, parser):
        parser.add_argument("supplier", help="its name")
        parser.add_argument("operation", nargs="?", help="one of those that the command lists without it")
        parser.add_argument("id", nargs="?", help="the supplier's number of the thing")

    def handle(self, *, supplier, operation, id, **options):
        (found,) = commanding.suppliers([supplier], Reference)
        try:
            client = gateway.connect(found)
            if operation is None:
                self.stdout.write("\n".join(f"{name:20} {path}" for name, path in client.reads.items()))
                return
            self.check(client.reads, operation, id)
            told = exact.ExactEncoder().encode(client.read_reference(operation, id))
            self.stdout.write(msgspec.json.format(told, indent=2))
        except (SupplierError, gateway.NotConnected) as error:
            raise commanding.Failed(error) from error

    def check(self, reads, operation, number):
        if operation not in reads:
            raise commanding.Refused(f"There is no {operation}. There are: {', '.join(reads)}.")
        if ("{id}" in reads[operation]) != (number is not None):
            wanted = "needs the supplier's number" if number is None else "takes no number"
            raise commanding.Refused(f"{operation} {wanted}.")
