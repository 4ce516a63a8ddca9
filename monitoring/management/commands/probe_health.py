"""`manage.py probe_health [NAME…]`: asks suppliers whether they are well, now."""

import json as json_format

from django.utils import timezone

from catalog import commanding, gateway
from catalog.models import Supplier
from catalog.suppliers.ports import Probe
from monitoring.probing import probe


class Command(commanding.Command):
    help = "Probes the health of the named suppliers, or of all active ones."

    def add_arguments(self, parser):
        parser.add_argument("names", nargs="*", metavar="NAME")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *, names, json, **options):
        found = {supplier.name: answer(supplier) for supplier in chosen(names)}
        if json:
            self.stdout.write(json_format.dumps({"suppliers": found}))
            return
        for name, told in found.items():
            word = "healthy" if told["healthy"] else "NOT healthy"
            took = "not called" if told["latency_ms"] is None else f"{told['latency_ms']} ms"
            self.stdout.write(f"{name}: {word}, {took}, circuit {told['circuit']}. {told['detail']}")


def chosen(names):
    """The suppliers to ask; a name that is unknown or cannot be probed refuses the whole command."""
    named = commanding.suppliers(names)
    deaf = [supplier.name for supplier in named if not gateway.supports(supplier, Probe)]
    if deaf:
        raise commanding.Refused(f"{', '.join(deaf)} cannot be probed: the API has no such question.")
    return named or [supplier for supplier in commanding.active_suppliers() if gateway.supports(supplier, Probe)]


def answer(supplier):
    result = probe(supplier=supplier, now=timezone.now())
    supplier = Supplier.objects.select_related("circuit").get(pk=supplier.pk)
    circuit = supplier.circuit.state if hasattr(supplier, "circuit") else "closed"
    return {"healthy": result.healthy, "latency_ms": result.latency_ms, "circuit": circuit, "detail": result.detail}
