"""Suppliers' lists of orders against ours: what was bought past Purser, or since a backup, is found and taken over."""

import json
import uuid
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django_q.models import OrmQ

from catalog import clock, gateway
from catalog.models import Product, Sku, Supplier
from catalog.suppliers.types import ProductKind
from monitoring import order_causes
from orders import adopting, asking, delivery, matching, observing, restoring, sending, tasks
from orders.models import Attempt, Event, Order, Unit, UnmatchedPurchase
from tests.orders.shop import bought, confirmed, mirror, operation, run_until, sweep_at

pytestmark = pytest.mark.django_db(transaction=True)


def buy_past_purser(sku, ref="bought-by-hand"):
    """Somebody with our key buys without Purser."""
    client = gateway.connect(sku.supplier)
    request = asking.request_for(ref=ref, sku=sku, quantity=1, amount=None, fields={}, currency=sku.currency)
    return client.place(request, client.compose(request), signed_at=clock.now())


@pytest.fixture
def compared(sku):
    """The list there was compared once, so what comes now is new."""
    matching.match(supplier=sku.supplier, now=clock.now())


@pytest.fixture
def purchase(sku, compared):
    buy_past_purser(sku)
    matching.match(supplier=sku.supplier, now=clock.now())
    return UnmatchedPurchase.objects.select_related("supplier", "by").get(state="open")


def test_purchase_past_purser_is_found_once_and_cried_about(sku, compared, now):
    order = run_until(confirmed(sku, now), now)
    buy_past_purser(sku)

    first, second = (matching.match(supplier=sku.supplier, now=clock.now()) for _ in range(2))

    assert (first.found, first.unmatched, second.unmatched) == (0, 1, 1)
    assert UnmatchedPurchase.objects.get(state="open").ref == "bought-by-hand"
    assert not UnmatchedPurchase.objects.filter(supplier_order_id=order.supplier_order_id).exists()
    assert [cause.severity for cause in order_causes.unmatched(now)] == ["critical"]


def test_orders_from_before_the_connection_are_not_ours_to_explain(sku):
    buy_past_purser(sku)
    Supplier.objects.filter(pk=sku.supplier_id).update(created_at=clock.now() + timedelta(minutes=10))

    assert matching.match(supplier=Supplier.objects.get(pk=sku.supplier_id), now=clock.now()).unmatched == 0


def test_list_that_breaks_off_is_told(sku, lab, capsys):
    lab.fail(sku.supplier.api, operation("listOrders", sku), "error", times=None)

    with pytest.raises(CommandError) as refused:
        call_command("match_orders", sku.supplier.name, "--json")

    assert refused.value.returncode == 1
    assert json.loads(capsys.readouterr().out)[sku.supplier.name]["trouble"]


def test_purchase_that_is_not_taken_for_its_order_leaves_no_husk_of_one(purchase, staff, monkeypatch):
    adopting.ask(purchase=purchase, by=staff("lead"), now=clock.now())
    monkeypatch.setattr(observing, "_conflict", lambda attempt, placement: "Answer about another SKU")

    tasks.adopt(purchase.pk)

    purchase.refresh_from_db()
    assert (purchase.state, Order.objects.count()) == ("open", 0)
    assert "does not fit together" in purchase.note


def test_purchase_becomes_an_order_with_its_codes(purchase, sku, lab, staff):
    lead = staff("lead")
    assert adopting.ask(purchase=purchase, by=lead, now=clock.now())
    assert not adopting.ask(purchase=purchase, by=lead, now=clock.now())

    tasks.adopt(purchase.pk)
    tasks.adopt(purchase.pk)

    order = run_until(Order.objects.get(), clock.now(), hours=1)
    revealed = delivery.reveal(order=order, by=lead, reason="Check", now=clock.now())
    there = {str(value) for unit in lab.books[sku.supplier.api].codes("bought-by-hand") for value in unit.values()}
    assert (order.status, order.placed_by) == ("completed", lead)
    assert revealed
    assert {unit.code for unit in revealed} <= there
    purchase.refresh_from_db()
    assert purchase.state == "adopted"
    assert len(lab.calls(sku.supplier.api, operation("createOrder", sku))) == 1
    assert matching.match(supplier=sku.supplier, now=clock.now()).unmatched == 0


def test_purchase_becomes_an_order_although_the_queue_was_lost(purchase, staff):
    adopting.ask(purchase=purchase, by=staff("lead"), now=clock.now())
    OrmQ.objects.all().delete()

    sweep_at(clock.now() + timedelta(minutes=1))

    purchase.refresh_from_db()
    assert (purchase.state, purchase.order.placed_by) == ("adopted", purchase.by)


def test_purchase_that_an_order_explains_by_now_makes_no_second_one(purchase, sku, staff, now):
    order = confirmed(sku, now)
    Attempt.objects.filter(order=order).update(
        state="accepted", supplier_order_id=purchase.supplier_order_id, send_count=1, first_sent_at=now, last_sent_at=now)
    adopting.ask(purchase=purchase, by=staff("lead"), now=clock.now())

    tasks.adopt(purchase.pk)

    purchase.refresh_from_db()
    assert (purchase.state, order.reference in purchase.note) == ("open", True)
    assert Order.objects.count() == 1


def test_purchase_of_an_unknown_sku_stays_open_and_says_why(purchase, staff):
    adopting.ask(purchase=purchase, by=staff("lead"), now=clock.now())
    Sku.objects.update(supplier_ref="another")
    Product.objects.update(supplier_ref="another")

    tasks.adopt(purchase.pk)

    purchase.refresh_from_db()
    assert purchase.state == "open"
    assert "Synchronise" in purchase.note
    assert not Order.objects.exists()


def test_explained_purchase_is_quiet_and_decided_once(purchase, staff, now):
    lead = staff("lead")

    with pytest.raises(matching.NoNote):
        matching.explain(purchase=purchase, note="  ", by=lead, now=now)
    assert matching.explain(purchase=purchase, note="Bought by telephone on the 3rd", by=lead, now=now)
    assert not matching.explain(purchase=purchase, note="Again", by=lead, now=now)

    assert list(order_causes.unmatched(now)) == []
    assert matching.match(supplier=purchase.supplier, now=clock.now()).unmatched == 0


@pytest.fixture
def esim_sku(octopus, lab, now):
    """Goods whose code stands in the order only, and in no list."""
    lab.books["octopus_cards"].deposit("USD", "1000.00")
    lab.books["octopus_cards"].pace(seconds=0, reads=0)
    return mirror(octopus, lambda product, price: product.kind == ProductKind.ESIM and price.price, now)


def buy_there(order):
    """The order's own bytes reach the supplier, and no row here says so."""
    attempt = Attempt.objects.get(order=order)
    client = gateway.connect(order.supplier)
    return client.place(asking.request_of(attempt), sending.open_body(attempt), signed_at=clock.now())


def test_codes_of_a_purchase_that_was_called_refused_are_fetched(esim_sku, now):
    order = confirmed(esim_sku, now)
    buy_there(order)
    Attempt.objects.filter(order=order).update(state="rejected", due_at=None)
    Order.objects.filter(pk=order.pk).update(status="failed", finished_at=now)

    matching.match(supplier=esim_sku.supplier, now=clock.now())

    assert Unit.objects.of(order).count() == 1
    assert Order.objects.get(pk=order.pk).needs_review


def test_listed_order_that_cannot_be_read_is_taken_as_listed(esim_sku, lab, now):
    order = confirmed(esim_sku, now)
    buy_there(order)
    lab.fail("octopus_cards", "getEsimOrder", "error", times=None)

    assert matching.match(supplier=esim_sku.supplier, now=clock.now()).found == 1

    assert Order.objects.get(pk=order.pk).status == "completed"


# A restored backup


def believed_unsent(order):
    """The rows as a backup from before the send has them: queued, nothing known of a purchase."""
    Attempt.objects.filter(order=order).update(
        state="queued", supplier_order_id=None, outcome="unknown", word="", total=None, send_count=0, first_sent_at=None,
        last_sent_at=None, fence_at=None, due_at=clock.now(), lease_epoch=0)
    Order.objects.filter(pk=order.pk).update(
        status="queued", supplier_order_id="", charged_total=None, finished_at=None)


@pytest.mark.fault("F80")
def test_order_sent_since_the_backup_is_found_and_not_bought_again(sku, lab, books, now):
    if sku.supplier.api == "giftapi":
        lab.fail("giftapi", "createOrder", "allow_duplicates")
    order = run_until(confirmed(sku, now), now)
    before = len(lab.calls(sku.supplier.api, operation("createOrder", sku)))
    believed_unsent(order)
    assert restoring.doubt_what_is_unsent(now=now) == 1

    sweep_at(now + timedelta(minutes=5))
    assert Order.objects.get(pk=order.pk).status == "queued"
    order = run_until(order, now + timedelta(minutes=11))

    assert (order.status, bought(books, order)) == ("completed", 1)
    assert len(lab.calls(sku.supplier.api, operation("createOrder", sku))) == before
    assert Event.objects.filter(order=order, text__contains="restored").count() == 1


@pytest.mark.fault("F80")
def test_order_found_after_a_restore_brings_its_code_at_once(esim_sku, now):
    order = confirmed(esim_sku, now)
    buy_there(order)
    restoring.doubt_what_is_unsent(now=now)

    order = run_until(order, now + timedelta(minutes=11))

    assert (order.status, Unit.objects.of(order).count()) == ("completed", 1)


@pytest.mark.fault("F80")
def test_order_that_was_not_sent_goes_after_the_look(sku, books, now):
    order = confirmed(sku, now)
    restoring.doubt_what_is_unsent(now=now)

    order = run_until(order, now + timedelta(minutes=10))

    assert (order.status, bought(books, order)) == ("completed", 1)


@pytest.mark.fault("F80")
def test_order_made_since_the_backup_is_found_without_its_rows(sku, compared, capsys):
    buy_past_purser(sku, ref=str(uuid.uuid4()))  # what is left of an order whose rows the backup does not have
    OrmQ.objects.all().delete()

    call_command("after_restore", "--json")

    told = json.loads(capsys.readouterr().out)
    assert told["looked_up_first"] == 0
    assert told["suppliers"][sku.supplier.name]["unmatched"] == 1
