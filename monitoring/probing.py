"""Health probes: the cheapest question to a supplier, asked by the clock, and what came of it."""

from time import monotonic

from catalog import gateway
from catalog.suppliers.errors import NotSent, SupplierError

from .models import ProbeResult


def probe(*, supplier, now):
    """Ask `supplier` whether it is well and keep the answer; makes one call, so never inside a transaction.

    A supplier that cannot be asked (no credentials, no connection, no answer) is not healthy; `detail` says why.
    """
    begun = monotonic()
    healthy, detail, was_sent = _ask(supplier)
    latency_ms = round((monotonic() - begun) * 1000) if was_sent else None
    return ProbeResult.objects.create(supplier=supplier, at=now, healthy=healthy, latency_ms=latency_ms,
                                      detail=detail[:300])


def _ask(supplier):
    try:
        health = gateway.probe(supplier)
    except gateway.NotConnected as problem:
        return False, str(problem), False
    except NotSent as problem:
        return False, problem.message, False
    except SupplierError as problem:
        return False, problem.message, True
    return health.healthy, health.detail, True
