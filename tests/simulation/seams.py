"""Where a simulated world meets the house: its clock and dice, its crash points, and an eye on what passes there."""

import random
from types import SimpleNamespace

from catalog import calls
from catalog.suppliers.types import Placement
from catalog.suppliers.types import Quote as Price
from orders import delivery, inbox, noticing, observing, quoting, sending
from orders.models import Attempt, Event, Observation

QUEUING = (
    "catalog.connecting", "funding.refreshing", "orders.chunking", "orders.esims", "orders.inbox", "orders.phones",
    "orders.quoting", "orders.tracking")


def seam(world, monkeypatch):
    """Put the world's parts in place of the real ones, until `monkeypatch` undoes it."""
    random.seed(world.rng.random())
    for module in ("catalog.clock", "catalog.suppliers.http", "catalog.suppliers.deadline"):
        monkeypatch.setattr(f"{module}.time", SimpleNamespace(monotonic=world.monotonic, sleep=lambda seconds: None))
    monkeypatch.setattr("catalog.tokens.time", SimpleNamespace(monotonic=world.monotonic, sleep=world.wait))
    monkeypatch.setattr("catalog.clock.now", lambda: world.at)
    monkeypatch.setattr("orders.placing.async_task", world.crashing("C1", _forget))
    for module in QUEUING:
        monkeypatch.setattr(f"{module}.async_task", _forget)
    monkeypatch.setattr("orders.sending.lease", world.crashing("C4", sending.lease))
    monkeypatch.setattr("catalog.calls._row", world.crashing("C7", calls._row))
    monkeypatch.setattr("orders.delivery.keep", world.crashing("C8", delivery.keep))
    monkeypatch.setattr("orders.inbox._store", world.crashing("C10", inbox._store))
    monkeypatch.setattr("orders.noticing.follow", _only_read(world, noticing.follow))
    monkeypatch.setattr("orders.delivery._open", _after_its_event(world, delivery._open))
    monkeypatch.setattr("orders.observing._apply", _exact(world, observing._apply))
    monkeypatch.setattr("orders.quoting._ready", _exact(world, quoting._ready))


def _forget(*args, **kwargs):
    """The queue loses every task: rows are the truth."""


def _after_its_event(world, act):
    """`act` opens a unit; I-25 wants the event of it written before."""

    def watched(unit):
        order_id = unit.attempt.order_id
        if not Event.objects.filter(order=order_id, kind=Event.Kind.REVEALED, at=world.at).exists():
            world.problems.append("I-25 a code was opened before its event was written")
        return act(unit)

    return watched


def _only_read(world, act):
    """`act` follows a notice; I-21 lets an order move by what the supplier said when it was asked, and by nothing else."""

    def watched(*, notice_id, now):
        before, seen = _known_of_orders(), Observation.objects.count()
        followed = act(notice_id=notice_id, now=now)
        if _known_of_orders() != before and Observation.objects.count() == seen:
            world.problems.append("I-21 a notice moved an order by itself")
        return followed

    return watched


def _known_of_orders():
    return set(Attempt.objects.values_list("pk", "state", "outcome", "order__status", "total"))


def _exact(world, act):
    """`act` is given what a supplier told; I-13 wants no float in it."""

    def watched(*args):
        world.problems += [f"I-13 a {type(told).__name__} holds a float" for told in args
                           if isinstance(told, Placement | Price) and _holds_float(told)]
        return act(*args)

    return watched


def _holds_float(told):
    return any(isinstance(getattr(told, name), float) for name in told.__slots__)
