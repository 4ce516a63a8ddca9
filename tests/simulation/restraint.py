"""What must not be done: buying what waits or is dead, calling where the circuit is open, asking again and again."""

from catalog.models import CircuitState
from catalog.suppliers.pacing import SHARE, SPARE
from orders.models import Attempt
from orders.models.attempt import DEAD, State

SENDS = (State.SENDING, State.UNKNOWN)  # unknown: the same request again, where that is how to ask


def watch_purchase(world, attempt):
    """A purchase is about to leave, and nobody acted since that was decided."""
    if attempt.state not in SENDS:
        world.problems.append(f"I-18 {world.name(attempt.ref)} is bought while it is {attempt.state}")
    circuit = CircuitState.objects.filter(supplier=attempt.supplier_id).first()
    if circuit and circuit.state != CircuitState.State.CLOSED:
        world.problems.append(f"I-27 {world.name(attempt.ref)} is bought while the circuit is {circuit.state}")


def circuits_close(world):
    """I-27: a supplier that answers again is called again within ten minutes."""
    for circuit in CircuitState.objects.exclude(state=CircuitState.State.CLOSED):
        yield f"I-27 the circuit of {circuit.supplier} is still {circuit.state}"


def the_dead_bought_nothing(world):
    """I-19, I-05: under a reference that was cancelled, refused or proven absent, nothing was ever bought."""
    for attempt in Attempt.objects.filter(state__in=DEAD).select_related("supplier"):
        if world.lab.books[attempt.supplier.api].purchases(attempt.ref):
            rule = "I-19" if attempt.state == State.WITHDRAWN else "I-05"
            yield f"{rule} {world.name(attempt.ref)} is {attempt.state}, and bought"


def retries_are_few(world):
    """I-28: in any ten minutes, beside a first few, retries are a tenth of the calls of a transport."""
    for place, tries in world.tries.items():
        calls = world.calls[place]
        if tries - calls > SPARE + calls * SHARE:
            yield f"I-28 {tries} tries for {calls} calls within ten minutes"
