"""Whatever a supplier says, however often and in whatever order, the rows end up the same."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import transaction

from catalog import connecting
from catalog.models import Supplier
from catalog.suppliers.types import Delivery, Outcome, Placement
from funding.models import Reservation
from orders import observing, parking, reviewing
from orders.models import Attempt, Observation, Order, Unit
from orders.models.observation import Observation as Seen

FETCH = Seen.Source.FETCH


def a_placement(attempt, outcome=Outcome.COMPLETED, codes=(), **said):
    return Placement(**{
        "order_id": attempt.supplier_order_id or "there-1", "ref": attempt.ref, "outcome": outcome,
        "word": str(outcome), "total": attempt.agreed_total, "currency": "USD", "quantity": attempt.quantity,
        "sku_ref": "sku-1", "deliveries": tuple(Delivery(code=code) for code in codes), **said})


def see(attempt, now, *placements):
    for placement in placements:
        observing.apply(attempt_id=attempt.pk, placement=placement, source=FETCH, now=now)
    return Order.objects.get(pk=attempt.order_id)


def test_first_acceptance_settles_the_reservation_at_what_was_charged(make_attempt, noon):
    attempt = make_attempt("sending")

    order = see(attempt, noon, a_placement(attempt, Outcome.PENDING, total=Decimal("5.10")))

    held = Reservation.objects.get(attempt_ref=attempt.ref)
    assert (order.status, order.charged_total) == ("accepted", Decimal("5.10"))
    assert (held.state, held.amount) == ("settled", Decimal("5.10"))


def test_completed_order_keeps_its_codes_sealed(make_attempt, noon):
    attempt = make_attempt("unknown")

    order = see(attempt, noon, a_placement(attempt, codes=["TEST-CODE-0001"]))

    unit = Unit.objects.get(attempt=attempt)
    assert order.status == "completed"
    assert (unit.hint, "TEST-CODE-0001" in unit.sealed) == ("0001", False)


def test_the_same_answer_again_adds_nothing(make_attempt, noon):
    attempt = make_attempt("sending")
    answer = a_placement(attempt, codes=["TEST-CODE-0001"])

    see(attempt, noon, answer, answer, answer)

    assert Unit.objects.count() == 1
    assert Observation.objects.filter(applied=True).count() == 1


@pytest.mark.fault("F38")
def test_a_lower_rank_is_stored_and_ignored(make_attempt, noon):
    attempt = make_attempt("sending")

    order = see(attempt, noon, a_placement(attempt), a_placement(attempt, Outcome.PENDING))

    assert order.status == "completed"
    assert Observation.objects.filter(applied=False).count() == 1


@pytest.mark.fault("F36")
def test_partial_then_complete_keeps_each_code_once(make_attempt, noon):
    attempt = make_attempt("accepted", quantity=3)

    order = see(
        attempt, noon,
        a_placement(attempt, Outcome.PARTIAL, codes=["TEST-CODE-0001", "TEST-CODE-0002"]),
        a_placement(attempt, codes=["TEST-CODE-0001", "TEST-CODE-0002", "TEST-CODE-0003"]))

    assert (order.status, order.needs_review) == ("completed", False)
    assert list(Unit.objects.values_list("ordinal", flat=True)) == [1, 2, 3]


@pytest.mark.fault("F39")
def test_failed_then_completed_keeps_the_codes_and_asks_a_person(make_attempt, noon):
    attempt = make_attempt("accepted")

    order = see(attempt, noon, a_placement(attempt, Outcome.FAILED), a_placement(attempt, codes=["TEST-CODE-0001"]))

    assert (order.status, order.needs_review) == ("failed", True)
    assert Unit.objects.count() == 1


def test_unknown_word_leaves_the_order_open_and_asks_a_person(make_attempt, noon):
    attempt = make_attempt("sending")

    order = see(attempt, noon, a_placement(attempt, Outcome.UNKNOWN, word="reviewing"))

    assert (order.status, order.needs_review) == ("accepted", True)


@pytest.mark.fault("F13")
def test_answer_about_another_reference_is_never_attached(make_attempt, noon):
    attempt = make_attempt("sending")

    order = see(attempt, noon, a_placement(attempt, codes=["TEST-CODE-0001"], ref="another"))

    assert (order.status, order.needs_review) == ("sending", True)
    assert not Unit.objects.exists()


@pytest.mark.parametrize("said", [{"sku_ref": "sku-2"}, {"quantity": 7}, {"currency": "EUR"}])
def test_codes_under_our_reference_are_kept_however_odd_the_answer(make_attempt, noon, said):
    attempt = make_attempt("sending")

    order = see(attempt, noon, a_placement(attempt, codes=["TEST-CODE-0001"], **said))

    assert (order.status, order.needs_review) == ("sending", True)
    assert Unit.objects.count() == 1


def test_contradiction_that_was_settled_is_not_told_again_each_day(make_attempt, staff, noon):
    attempt = make_attempt("accepted")
    failed, completed = a_placement(attempt, Outcome.FAILED), a_placement(attempt, codes=["TEST-CODE-0001"])
    see(attempt, noon, failed, completed)
    reviewing.settle(order=attempt.order, by=staff("lead"), note="Supplier refunds", now=noon)

    assert not see(attempt, noon, completed).needs_review


def test_supplier_order_of_another_order_is_never_adopted(make_attempt, noon):
    make_attempt("accepted", supplier_order_id="there-1")
    attempt = make_attempt("sending")

    order = see(attempt, noon, a_placement(attempt, order_id="there-1"))

    assert (order.status, order.needs_review) == ("sending", True)


def test_charge_that_rises_after_acceptance_is_reviewed(make_attempt, noon):
    attempt = make_attempt("sending")
    see(attempt, noon, a_placement(attempt, Outcome.PENDING))

    assert see(attempt, noon, a_placement(attempt, total=Decimal("52.00"), codes=["TEST-CODE-0001"])).needs_review


def test_unknown_word_after_the_end_is_reviewed(make_attempt, noon):
    attempt = make_attempt("sending")
    see(attempt, noon, a_placement(attempt, codes=["TEST-CODE-0001"]))

    order = see(attempt, noon, a_placement(attempt, Outcome.UNKNOWN, word="reversed"))

    assert (order.status, order.needs_review) == ("completed", True)


def test_late_acceptance_of_a_parked_attempt_settles_its_money(make_attempt, account, noon):
    attempt = make_attempt("queued")
    with transaction.atomic():
        parking.park(attempt=observing.lock(attempt.pk), reason="price", text="Dearer", now=noon)

    order = see(attempt, noon, a_placement(attempt, Outcome.PENDING))

    assert (order.status, order.needs_review) == ("accepted", True)
    assert Reservation.objects.get(attempt_ref=attempt.ref).state == "settled"


def test_two_cards_with_the_same_pin_are_two_units(make_attempt, noon):
    attempt = make_attempt("accepted", quantity=2)
    cards = (Delivery(code="1234", serial="A-1"), Delivery(code="1234", serial="A-2"))

    order = see(attempt, noon, replace(a_placement(attempt), deliveries=cards))

    assert (Unit.objects.count(), order.needs_review) == (2, False)


def test_confirmation_without_a_code_is_not_a_voucher(make_attempt, noon):
    attempt = make_attempt("accepted")

    order = see(attempt, noon, replace(a_placement(attempt), deliveries=(Delivery(code="", details={"state": "ok"}),)))

    assert order.needs_review


def test_second_order_for_one_reference_is_never_adopted(make_attempt, noon):
    attempt = make_attempt("accepted", supplier_order_id="there-1")

    order = see(attempt, noon, replace(a_placement(attempt), order_id="there-2"))

    assert order.needs_review
    assert Attempt.objects.get(pk=attempt.pk).supplier_order_id == "there-1"


def test_charge_above_the_agreed_total_is_accepted_and_reviewed(make_attempt, noon):
    attempt = make_attempt("sending")

    order = see(attempt, noon, a_placement(attempt, Outcome.PENDING, total=Decimal("9.99")))

    assert (order.status, order.needs_review, order.charged_total) == ("accepted", True, Decimal("9.99"))


def test_late_acceptance_of_a_requeued_attempt_wins(make_attempt, noon):
    attempt = make_attempt("queued")

    order = see(attempt, noon, a_placement(attempt, Outcome.PENDING))

    assert order.status == "accepted"


def test_acceptance_of_a_dead_attempt_is_kept_for_a_person(make_attempt, noon):
    attempt = make_attempt("rejected")

    order = see(attempt, noon, a_placement(attempt, codes=["TEST-CODE-0001"]))

    assert (order.status, order.needs_review) == ("failed", True)
    assert Unit.objects.count() == 1


def test_completed_with_too_few_codes_is_reviewed(make_attempt, noon):
    attempt = make_attempt("accepted", quantity=2)

    assert see(attempt, noon, a_placement(attempt, codes=["TEST-CODE-0001"])).needs_review


def test_code_that_was_delivered_before_is_reviewed(make_attempt, noon):
    first, second = make_attempt("accepted"), make_attempt("accepted")
    see(first, noon, a_placement(first, codes=["TEST-CODE-0001"]))

    assert see(second, noon, a_placement(second, codes=["TEST-CODE-0001"])).needs_review


def test_second_order_under_one_reference_stops_buying_there_once(make_attempt, noon):
    attempt = make_attempt("accepted", supplier_order_id="there-1")
    second = a_placement(attempt, order_id="there-2", sku_ref="another")

    see(attempt, noon, second)
    paused = Supplier.objects.get()
    connecting.resume(supplier=paused, reason="Asked them", by=None, now=noon)
    see(attempt, noon, second)

    assert (paused.is_paused, "there-2" in paused.paused_reason) == (True, True)
    assert not Supplier.objects.get().is_paused


def test_answer_about_somebody_elses_order_stops_nothing(make_attempt, noon):
    attempt = make_attempt("accepted", supplier_order_id="there-1")

    order = see(attempt, noon, a_placement(attempt, order_id="there-2", ref="another"))

    assert (order.needs_review, Supplier.objects.get().is_paused) == (True, False)
