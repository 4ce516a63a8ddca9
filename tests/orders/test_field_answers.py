"""What suppliers answer in the field: nobody there, somebody else there, later, sooner, in parts, twice, or otherwise than
before.
"""

import contextlib
import socket
import ssl
from datetime import timedelta

import pytest
import trustme

from catalog.models import Call, CircuitState, Supplier
from catalog.suppliers import addresses
from funding import refreshing
from funding.models import Entry
from monitoring import causes, order_causes, probing
from orders.models import Attempt, Event, Order
from tests.orders.shop import attempt_of, bought, confirmed, fail, number, operation, run_until, sweep_at
from tests.suppliers.server import Server, answers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg]
HOST = "api.supplier.example"


@contextlib.contextmanager
def no_such_name(monkeypatch, settings):
    def look_up(*given, **options):
        raise socket.gaierror(-2, "Name or service not known")

    settings.SUPPLIER_HOSTS = [HOST]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", look_up)
    yield f"https://{HOST}"


@contextlib.contextmanager
def nobody_listens(monkeypatch, settings):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def certificate_of_a_stranger(monkeypatch, settings):
    strange = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(strange)
    with contextlib.closing(Server(answers(), tls=strange)) as server:
        yield server.url
        assert server.requests == []


@pytest.mark.parametrize(("broken", "told"), [
    pytest.param(no_such_name, "could not be resolved", marks=pytest.mark.fault("F01")),
    pytest.param(nobody_listens, "refuses connections", marks=pytest.mark.fault("F02")),
    pytest.param(certificate_of_a_stranger, "a certificate that is not valid", marks=pytest.mark.fault("F03")),
])
def test_supplier_that_was_not_reached_leaves_the_order_queued(sku, books, now, monkeypatch, settings, broken, told):
    order, right = confirmed(sku, now), Supplier.objects.get(pk=sku.supplier_id).base_url
    with broken(monkeypatch, settings) as url:
        Supplier.objects.filter(pk=sku.supplier_id).update(base_url=url)
        sweep_at(now)
        for minute in range(3):
            probing.probe(supplier=Supplier.objects.get(), now=now + timedelta(minutes=minute))
    monkeypatch.undo()

    order.refresh_from_db()
    assert (order.status, attempt_of(order).unknown_since) == ("queued", None)
    assert told in Event.objects.filter(order=order).latest("id").text
    assert False in CircuitState.objects.get().window
    assert [told in cause.text for cause in causes.down(now)] == [True]
    assert books.purchases() == []

    Supplier.objects.filter(pk=sku.supplier_id).update(base_url=right)
    order = run_until(order, now + timedelta(minutes=5))
    assert (order.status, bought(books, order), attempt_of(order).unknown_since) == ("completed", 1, None)


@pytest.mark.parametrize(("asked_for", "at_least", "at_most"), [("3600", 900, 901), ("soon", 1, 60), ("-5", 1, 60)])
@pytest.mark.fault("F19")
def test_outage_is_waited_for_as_asked_but_not_for_ever(sku, lab, books, now, asked_for, at_least, at_most):
    order, later = confirmed(sku, now), now + timedelta(minutes=6)
    lab.fail(sku.supplier.api, "*", "error", times=None, status=503, retry_after=asked_for)

    sweep_at(later)

    attempt = attempt_of(order)
    assert attempt.state == "queued"
    assert at_least <= (attempt.due_at - later).total_seconds() <= at_most + 30  # what the sweep itself took
    lab.clear()
    order = run_until(order, attempt.due_at, stop=["parked"])
    assert order.status in ("completed", "parked")  # after a quarter of an hour a person is asked
    assert bought(books, order) <= 1


@pytest.mark.parametrize("sku", ["octopus"], indirect=True)
@pytest.mark.fault("F27")
def test_reference_that_is_known_there_after_a_timeout_is_looked_up(sku, lab, books, now):
    """Two searches do not show the order yet, so it is sent again: the refusal of the copy is no refusal of the order."""
    fail(lab, sku, "close", when="after")
    lab.fail("octopus_cards", "*", "lookup_lag", seconds=600)
    order = confirmed(sku, now)

    order = run_until(order, now, hours=2)

    assert (order.status, bought(books, order), attempt_of(order).send_count) == ("completed", 1, 2)
    assert Call.objects.get(ref=attempt_of(order).ref, is_read=False, status=400)


@pytest.mark.parametrize("sku", ["giftapi", "octopus"], indirect=True)  # Plexy sells vouchers one by one
@pytest.mark.fault("F36")
def test_part_and_then_all_of_it_are_five_different_codes(sku, lab, books, now):
    fail(lab, sku, "hold")
    order = run_until(confirmed(sku, now, quantity=5), now, stop=["accepted"])
    books.settle(number(order), "partially_completed", delivered=3)

    order = run_until(order, now + timedelta(minutes=1), stop=["partially_completed"])
    part = set(attempt_of(order).units.values_list("fingerprint", flat=True))
    books.settle(number(order), "completed")
    order = run_until(order, now + timedelta(hours=1), hours=30)

    whole = set(attempt_of(order).units.values_list("fingerprint", flat=True))
    assert (order.status, len(part), len(whole), part < whole) == ("completed", 3, 5, True)


@pytest.mark.fault("F39")
def test_failed_order_that_turns_out_delivered_keeps_its_codes_for_a_person(sku, lab, books, now):
    fail(lab, sku, "hold")
    order = run_until(confirmed(sku, now), now, stop=["accepted"])
    books.settle(number(order), "failed", reason="Out of stock")
    order = run_until(order, now + timedelta(minutes=1))
    assert order.status == "failed"

    books.settle(number(order), "completed")
    for day in (1, 2):
        sweep_at(now + timedelta(days=day))

    order.refresh_from_db()
    assert (order.status, order.needs_review, attempt_of(order).units.count()) == ("failed", True, 1)
    assert list(order_causes.review(now))


@pytest.mark.parametrize("sku", ["giftapi"], indirect=True)  # its books tell which order a refund is for
@pytest.mark.fault("F40")
def test_money_of_a_reversed_order_is_found_in_the_books(sku, lab, books, now):
    order = run_until(confirmed(sku, now), now)
    books.settle(number(order), "failed", reason="Charge-back")

    sweep_at(now + timedelta(days=3))
    refreshing.refresh(supplier=sku.supplier, now=now + timedelta(days=3))

    order.refresh_from_db()
    assert (order.status, order.needs_review) == ("completed", True)
    assert list(order_causes.review(now))
    entries = Entry.objects.filter(order_id=number(order)).values_list("amount", flat=True)
    assert (sum(entries), len(entries)) == (0, 2)


@pytest.mark.fault("F76")
def test_unwell_health_check_stops_no_order(sku, lab, books, now):
    for supplier, health in (("plexy_gate", "getHealth"), ("giftapi", "verifyToken"), ("octopus_cards", "listCurrencies")):
        lab.fail(supplier, health, "error", times=None)
    for minute in range(5):
        assert not probing.probe(supplier=sku.supplier, now=now + timedelta(minutes=minute)).healthy

    if sku.supplier.api == "octopus_cards":
        lab.clear()  # its orders need that list, too
    order = run_until(confirmed(sku, now + timedelta(minutes=5)), now + timedelta(minutes=5))

    assert (order.status, bought(books, order)) == ("completed", 1)
    assert not CircuitState.objects.filter(state="open").exists()
    assert Attempt.objects.get().send_count == 1
    assert Order.objects.get().needs_review is False


@pytest.mark.fault("F18")
def test_purchase_that_never_happened_is_made_with_the_same_bytes(sku, lab, books, now):
    fail(lab, sku, "error", when="before")

    order = run_until(confirmed(sku, now), now, hours=3)

    sent = lab.calls(sku.supplier.api, operation("createOrder", sku))
    assert (order.status, bought(books, order), Attempt.objects.count()) == ("completed", 1, 1)
    assert (len(sent) > 1, len({call.body for call in sent})) == (True, 1)
