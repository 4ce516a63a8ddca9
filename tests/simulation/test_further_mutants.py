"""Rules beyond the protocol's own list of mutants, broken on purpose: each of these invariants can fail as well."""

import logging
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection

from catalog import vault
from catalog.circuits import OPEN_FOR_S, RowCircuit
from catalog.circuits import State as Circuit
from catalog.models import CircuitState
from catalog.suppliers.errors import SupplierError
from catalog.suppliers.pacing import RetryBudget
from funding import refreshing
from orders import chunking, delivery, lifecycle, observing, parking, sending, sweep
from orders.models import Attempt, Unit
from orders.models.attempt import State

from .scripts import lost_answer, plain_order, voucher
from .test_mutants import problems_of
from .test_simulation import shop  # noqa: F401 - the fixture is used by name

pytestmark = pytest.mark.pg


# The days.


def buyer_changes_their_mind(world):
    """The answer to an order is lost, and somebody tries to cancel it."""
    world.plan = ["lost_after"]
    order = world.order(voucher(world))
    sweep.run_due(now=world.at)
    with suppress(parking.CannotWithdraw):
        parking.withdraw(order=order, by=world.staff, now=world.at)


def late_task_for_a_parked_order(world):
    """There is no money, and a task to send comes all the same."""
    sku, books = voucher(world), world.lab.books[world.api]
    books.set_balance("USD", -books.overdraft_limit)
    order = world.order(sku)
    sending.send(attempt_id=order.attempts.get().pk, now=world.at)


def circuit_is_open(world):
    """The supplier stopped answering between the click and the send."""
    world.order(voucher(world))
    soon = world.at + timedelta(seconds=OPEN_FOR_S)
    CircuitState.objects.update_or_create(
        supplier=voucher(world).supplier, defaults={"state": Circuit.OPEN, "opened_at": world.at, "retry_at": soon})
    world.work_for(1)


def supplier_stumbles(world):
    """Every second time it answers with an error when its balance is asked for: too seldom for the circuit to open."""
    for number in range(30):
        if number % 2:
            world.lab.fail(world.api, "getBalance", "error", status=500, body={})
        with suppress(SupplierError):
            refreshing.read_balances(supplier=voucher(world).supplier, now=world.at)
        world.pass_time(1)


def order_is_read_again(world):
    world.order(voucher(world))
    world.work_for(3)
    Attempt.objects.update(due_at=world.at)
    world.work_for(1)


# The mutants.


def parked_is_sent(patch, world):
    patch.setattr(sending, "_queued", lambda attempt_id, now: Attempt.objects.select_related(
        "order__supplier", "order__sku__product", "order__sku__supplier", "order__quote").get(pk=attempt_id))
    patch.setattr(sending, "_claim", lambda attempt, traits, now: attempt)


def unknown_can_be_cancelled(patch, world):
    patch.setattr(chunking, "UNSENT", (*chunking.UNSENT, State.UNKNOWN))
    patch.setitem(lifecycle.MOVES, State.UNKNOWN, lifecycle.MOVES[State.UNKNOWN] | {State.WITHDRAWN})


def circuit_stops_nobody(patch, world):
    patch.setattr(RowCircuit, "before", lambda self, *, is_read: None)


def retries_cost_nothing(patch, world):
    patch.setattr(RetryBudget, "spend", lambda self: True)


def units_are_replaced(patch, world):
    real = delivery.keep

    def anew(*, attempt, deliveries, now):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger refuses anything now
        Unit.objects.filter(attempt=attempt).delete()
        return real(attempt=attempt, deliveries=deliveries, now=now)

    patch.setattr(delivery, "keep", anew)


def codes_are_logged(patch, world):
    real = delivery.keep

    def told(*, attempt, deliveries, now):
        logging.getLogger("orders").debug("kept %s", [delivery.code for delivery in deliveries])
        return real(attempt=attempt, deliveries=deliveries, now=now)

    patch.setattr(delivery, "keep", told)


def observations_leave_out_what_they_moved(patch, world):
    real = observing._observe
    patch.setattr(observing, "_observe", lambda *told, applied, conflict: real(*told, applied=False, conflict=conflict))


def seals_are_not_bound_to_their_place(patch, world):
    seal, unseal = vault.seal, vault.unseal
    anywhere = lambda place: "unit" if place.startswith("unit:") else place  # noqa: E731
    patch.setattr(vault, "seal", lambda text, *, place: seal(text, place=anywhere(place)))
    patch.setattr(vault, "unseal", lambda sealed, *, place: unseal(sealed, place=anywhere(place)))


MUTANTS = [
    (units_are_replaced, order_is_read_again, "I-07"),
    (parked_is_sent, late_task_for_a_parked_order, "I-18"),
    (unknown_can_be_cancelled, buyer_changes_their_mind, "I-19"),
    (codes_are_logged, plain_order, "I-26"),
    (circuit_stops_nobody, circuit_is_open, "I-27"),
    (retries_cost_nothing, supplier_stumbles, "I-28"),
    (observations_leave_out_what_they_moved, lost_answer, "I-29"),
    (seals_are_not_bound_to_their_place, plain_order, "I-30"),
]
DAYS = [buyer_changes_their_mind, late_task_for_a_parked_order, circuit_is_open, supplier_stumbles, order_is_read_again]


@pytest.mark.parametrize(("mutant", "script", "invariant"), MUTANTS, ids=lambda one: getattr(one, "__name__", one))
def test_mutant_is_killed_by_its_invariant(shop, lab, monkeypatch, mutant, script, invariant):  # noqa: F811
    problems = problems_of(shop, lab, monkeypatch, script, mutant)

    assert any(one.startswith(invariant) for one in problems), f"{mutant.__name__} lives; noticed was: {problems}"


@pytest.mark.parametrize("day", DAYS, ids=lambda day: day.__name__)
def test_day_breaks_nothing_without_a_mutant(shop, lab, monkeypatch, day):  # noqa: F811
    assert problems_of(shop, lab, monkeypatch, day, lambda patch, world: None) == []
