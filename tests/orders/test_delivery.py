"""A code is opened for a person who may, for a reason, and only after that is written down."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from catalog import vault
from catalog.suppliers.types import Delivery
from orders import delivery
from orders.models import Event, Unit

CODE = "TEST-CODE-0001"


@pytest.fixture
def delivered(make_attempt, noon):
    attempt = make_attempt("accepted")
    delivery.keep(attempt=attempt, deliveries=[Delivery(code=CODE, serial="S-1", details={"pin": "7"})], now=noon)
    return attempt.order


@pytest.fixture
def supporter(staff):
    return staff("support")


def test_reveal_gives_the_code_and_leaves_an_event(delivered, supporter, noon):
    units = delivery.reveal(order=delivered, by=supporter, reason="Buyer lost the mail", now=noon)

    event = Event.objects.get(order=delivered, kind="revealed")
    assert [(unit.code, unit.serial, unit.details) for unit in units] == [(CODE, "S-1", {"pin": "7"})]
    assert (event.by, CODE in event.text, "Buyer lost the mail" in event.text) == (supporter, False, True)


def test_event_stands_even_when_the_code_cannot_be_opened(delivered, supporter, settings, noon):
    settings.FIELD_KEYS = ["bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmU="]

    with pytest.raises(vault.Unreadable):
        delivery.reveal(order=delivered, by=supporter, reason="Buyer asks", now=noon)

    assert Event.objects.filter(order=delivered, kind="revealed").exists()


def test_reveal_without_permission_leaves_nothing(delivered, staff, noon):
    with pytest.raises(PermissionDenied):
        delivery.reveal(order=delivered, by=staff("auditor"), reason="Curious", now=noon)

    assert not Event.objects.filter(kind="revealed").exists()


def test_reveal_without_a_reason_is_refused(delivered, supporter, noon):
    with pytest.raises(delivery.NoReason):
        delivery.reveal(order=delivered, by=supporter, reason="  ", now=noon)


def test_reveal_of_an_order_without_units_is_refused(make_attempt, supporter, noon):
    with pytest.raises(delivery.NothingDelivered):
        delivery.reveal(order=make_attempt("queued").order, by=supporter, reason="Buyer asks", now=noon)


def test_too_many_reveals_within_the_hour_are_refused(delivered, supporter, settings, noon):
    settings.REVEALS_PER_HOUR = 2
    for _ in range(2):
        delivery.reveal(order=delivered, by=supporter, reason="Buyer asks", now=noon)

    with pytest.raises(delivery.TooManyReveals):
        delivery.reveal(order=delivered, by=supporter, reason="Buyer asks", now=noon)


def test_refused_reveal_leaves_its_own_event(delivered, supporter, settings, noon):
    settings.REVEALS_PER_HOUR = 1
    delivery.reveal(order=delivered, by=supporter, reason="Buyer asks", now=noon)

    with pytest.raises(delivery.TooManyReveals):
        delivery.reveal(order=delivered, by=supporter, reason="Buyer asks again", now=noon)

    event = delivered.events.get(kind="capped")
    assert (event.by, event.text) == (
        supporter, "Not revealed: 1 within the hour, 1 allowed. Asked for: Buyer asks again")


def test_swapped_rows_do_not_open(make_attempt, delivered, supporter, noon):
    moved = make_attempt("accepted")
    Unit.objects.create(attempt=moved, ordinal=1, fingerprint="0" * 64, sealed=Unit.objects.get().sealed, created_at=noon)

    with pytest.raises(vault.Unreadable):
        delivery.reveal(order=moved.order, by=supporter, reason="Buyer asks", now=noon)


@pytest.mark.fault("F79")
def test_units_stay_readable_and_single_after_a_new_key(delivered, settings, supporter, noon):
    settings.FIELD_KEYS = ["bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmU=", *settings.FIELD_KEYS]
    attempt = delivered.attempts.get()

    delivery.keep(attempt=attempt, deliveries=[Delivery(code=CODE)], now=noon)

    assert [unit.code for unit in delivery.reveal(order=delivered, by=supporter, reason="Asked", now=noon)] == [CODE]


def test_short_codes_show_no_hint(make_attempt, noon):
    attempt = make_attempt("accepted")

    delivery.keep(attempt=attempt, deliveries=[Delivery(code="12345678")], now=noon)

    assert Unit.objects.get().hint == ""


def test_code_is_not_in_the_repr_of_a_revealed_unit(delivered, supporter, noon):
    assert CODE not in repr(delivery.reveal(order=delivered, by=supporter, reason="Asked", now=noon))


def test_cap_counts_codes_and_not_reveals(make_attempt, delivered, supporter, settings, noon):
    settings.REVEALS_PER_HOUR = 3
    several = make_attempt("accepted")
    delivery.keep(attempt=several, deliveries=[Delivery(code=f"TEST-CODE-10{n}") for n in range(3)], now=noon)
    delivery.reveal(order=delivered, by=supporter, reason="Buyer asks", now=noon)

    with pytest.raises(delivery.TooManyReveals):
        delivery.reveal(order=several.order, by=supporter, reason="Buyer asks", now=noon)

    assert Event.objects.filter(kind="revealed").count() == 1


def test_order_larger_than_the_cap_opens_alone_in_its_hour(make_attempt, supporter, settings, noon):
    settings.REVEALS_PER_HOUR = 2
    large = make_attempt("accepted")
    delivery.keep(attempt=large, deliveries=[Delivery(code=f"TEST-CODE-10{n}") for n in range(3)], now=noon)

    assert len(delivery.reveal(order=large.order, by=supporter, reason="Buyer asks", now=noon)) == 3
    with pytest.raises(delivery.TooManyReveals):
        delivery.reveal(order=large.order, by=supporter, reason="Buyer asks", now=noon)


def test_cap_is_each_persons_own_and_ends_with_the_hour(delivered, supporter, staff, settings, noon):
    settings.REVEALS_PER_HOUR = 1
    delivery.reveal(order=delivered, by=supporter, reason="Buyer asks", now=noon)

    assert delivery.reveal(order=delivered, by=staff("support"), reason="Buyer asks", now=noon)
    assert delivery.reveal(order=delivered, by=supporter, reason="Buyer asks", now=noon + timedelta(minutes=61))
