"""Orders that end short, and how their money stands."""

from catalog.suppliers.types import Delivery, Placement
from orders import observing, sweep
from orders.models import Observation, Shortfall


def tell(attempt, noon, outcome, *, codes=(), word="", ref=""):
    """The supplier tells of an order of ours."""
    return observing.apply(
        attempt_id=attempt.pk, source=Observation.Source.FETCH, now=noon, placement=Placement(
            order_id=attempt.supplier_order_id, ref=ref, outcome=outcome, word=word or outcome,
            deliveries=tuple(Delivery(code=code) for code in codes)))


def swept(now):
    sweep.run_due(now=now)


def standing(attempt):
    shortfall = Shortfall.objects.get(attempt=attempt)
    return shortfall.state, shortfall.owed, shortfall.returned
