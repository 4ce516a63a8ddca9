"""Confirming an order records identity, bytes and money before anything leaves; refusals leave nothing."""

import hashlib
import json
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError
from django_q.models import OrmQ

from catalog.models import Sku
from catalog.suppliers.types import ProductKind
from funding.models import Account, Reservation
from orders import chunking, placing, quoting, sending, terms
from orders.models import Attempt, Event, Order, Quote

from .shop import confirmed, mirror, quoted


@pytest.fixture
def voucher(giftapi, now):
    return mirror(giftapi, lambda product, price: product.kind == ProductKind.VOUCHER and price.price
                  and price.price < 10 and price.currency == "USD" and (price.stock or 99) > 5
                  and (price.max_per_order or 9) >= 3, now)


@pytest.fixture
def funded(giftapi, lab, now):
    lab.books["giftapi"].deposit("USD", "1000.00")
    return giftapi


def test_confirmed_order_is_queued_with_money_and_bytes_set_aside(voucher, funded, lab, now):
    order = confirmed(voucher, now, quantity=2)

    attempt = Attempt.objects.get(order=order)
    body = sending.open_body(attempt)
    assert (order.status, attempt.state, attempt.send_count) == ("queued", "queued", 0)
    assert json.loads(body)["external_id"] == attempt.ref
    assert hashlib.sha256(body).hexdigest() == attempt.body_digest
    assert Reservation.objects.get(attempt_ref=attempt.ref).amount == order.agreed_total
    assert lab.books["giftapi"].purchases() == []


def test_confirming_rings_the_queue_with_an_id_only(voucher, funded, now):
    order = confirmed(voucher, now)

    task = OrmQ.objects.latest("pk").task
    assert task["func"] == chunking.SEND_TASK
    assert (task["args"], task["kwargs"]) == ((), {"attempt_id": Attempt.objects.get(order=order).pk})


@pytest.mark.fault("F69")
def test_same_form_twice_is_one_order(voucher, funded, now):
    token = uuid.uuid4()
    wanted, quote = quoted(voucher, now)
    first = placing.confirm(token=token, sku=voucher, terms=wanted, quote=quote, reference="", by=None, now=now)

    again = placing.confirm(token=token, sku=voucher, terms=wanted, quote=quote, reference="", by=None, now=now)

    assert again == first
    assert (Order.objects.count(), Reservation.objects.count()) == (1, 1)


def test_command_says_that_a_reference_is_taken_in_its_own_words(voucher, funded):
    wanted = ("place_order", voucher.supplier.name, voucher.supplier_ref)
    call_command(*wanted, reference="SHOP-1")
    call_command(*wanted, reference="SHOP-1")

    with pytest.raises(CommandError, match="--reference: SHOP-1 is the reference of another purchase"):
        call_command(*wanted, reference="SHOP-1", quantity="2")

    assert Order.objects.count() == 1


def test_same_form_with_other_content_is_refused(voucher, funded, now):
    token = uuid.uuid4()
    confirmed(voucher, now, token=token)

    with pytest.raises(placing.TokenReused):
        confirmed(voucher, now, token=token, quantity=2)

    assert Order.objects.count() == 1


def test_reference_of_another_order_is_refused(voucher, funded, now):
    confirmed(voucher, now, reference="INV-7")

    with pytest.raises(placing.ReferenceTaken, match="INV-7"):
        confirmed(voucher, now, reference="INV-7")

    assert (Order.objects.count(), Reservation.objects.count()) == (1, 1)


def test_expired_quote_is_refused(voucher, funded, now):
    wanted, quote = quoted(voucher, now)

    with pytest.raises(placing.QuoteExpired):
        placing.confirm(token=uuid.uuid4(), sku=voucher, terms=wanted, quote=quote, reference="", by=None,
                        now=quote.expires_at + timedelta(seconds=1))

    assert not Order.objects.exists()


def test_quote_for_another_quantity_is_refused(voucher, funded, now):
    _, quote = quoted(voucher, now, quantity=1)
    more = terms.check(sku=voucher, quantity=2, amount=None, fields={})

    with pytest.raises(placing.QuoteExpired):
        placing.confirm(token=uuid.uuid4(), sku=voucher, terms=more, quote=quote, reference="", by=None, now=now)


def test_quote_for_another_sku_is_refused(voucher, funded, now):
    wanted, quote = quoted(voucher, now)
    dearer = Sku.objects.get(pk=voucher.pk)
    dearer.pk, dearer.supplier_ref = None, "dearer"
    dearer.save()

    with pytest.raises(placing.QuoteExpired):
        placing.confirm(token=uuid.uuid4(), sku=dearer, terms=wanted, quote=quote, reference="", by=None, now=now)


def test_quote_without_a_price_is_refused(voucher, funded, now):
    wanted = terms.check(sku=voucher, quantity=1, amount=None, fields={})
    pending = quoting.record(sku=voucher, terms=wanted, by=None, now=now)

    with pytest.raises(placing.QuoteExpired):
        placing.confirm(token=uuid.uuid4(), sku=voucher, terms=wanted, quote=pending, reference="", by=None, now=now)


def test_second_try_of_a_confirmation_carries_nothing_over_from_the_first(voucher, funded, now, monkeypatch):
    record, tries = placing._record, []

    def broken_once(*args, **options):
        Account.objects.update(available=1000 if tries else 0)
        order = record(*args, **options)
        tries.append(order.status)
        if len(tries) == 1:
            raise OperationalError("deadlock detected")
        return order

    monkeypatch.setattr(placing, "_record", broken_once)
    order = confirmed(voucher, now)

    assert tries == ["parked", "queued"]
    assert (order.status, order.parked_reason, order.reason) == ("queued", "", "")
    assert Attempt.objects.get().parked_at is None


def test_refusal_of_the_database_is_not_told_as_a_taken_reference(voucher, funded, now, monkeypatch):
    def refused(*_, **__):
        raise IntegrityError("CHECK constraint failed")

    monkeypatch.setattr(placing, "_record", refused)

    with pytest.raises(IntegrityError):
        confirmed(voucher, now, reference="INV-7")


def test_currency_without_an_account_is_refused(voucher, funded, now):
    wanted, quote = quoted(voucher, now)
    Quote.objects.filter(pk=quote.pk).update(currency="CHF")
    quote.refresh_from_db()

    with pytest.raises(placing.NoAccount, match="no CHF account"):
        placing.confirm(token=uuid.uuid4(), sku=voucher, terms=wanted, quote=quote, reference="", by=None, now=now)

    assert not Account.objects.filter(currency="CHF").exists()


def test_short_account_parks_the_order_and_sends_nothing(voucher, giftapi, lab, now):
    lab.books["giftapi"].set_balance("USD", "-9999.00")

    order = confirmed(voucher, now)

    assert (order.status, order.parked_reason) == ("parked", "funds")
    assert "Needs" in order.reason
    assert not Reservation.objects.exists()
    assert Event.objects.filter(order=order).count() == 2


def test_near_duplicate_needs_a_knowing_confirmation(plexy, lab, now):
    top_up = mirror(plexy, lambda product, price: product.kind == ProductKind.TOP_UP, now)
    asked = {"amount": top_up.min_amount, "fields": {f["name"]: _filled(f) for f in top_up.product.fields}}
    confirmed(top_up, now, **asked)
    wanted, quote = quoted(top_up, now, **asked)

    with pytest.raises(placing.LooksRepeated):
        placing.confirm(token=uuid.uuid4(), sku=top_up, terms=wanted, quote=quote, reference="", by=None, now=now)
    second = placing.confirm(
        token=uuid.uuid4(), sku=top_up, terms=wanted, quote=quote, reference="", by=None, now=now, repeat=True)

    assert second.recipient == wanted.recipient
    assert Order.objects.count() == 2


def _filled(field):
    return {"email": "buyer@example.org", "digits": "12345678", "phone": "+447700900123"}.get(
        field["kind"], (field["choices"] or ["reefwalker"])[0])


def test_price_of_a_quote_is_the_suppliers_own_now(voucher, funded, lab, now):
    lab.books["giftapi"].set_price(voucher.supplier_ref, "7.77")

    _, quote = quoted(voucher, now)

    assert (quote.total, quote.currency) == (Decimal("7.77"), "USD")


@pytest.mark.parametrize("off", [timedelta(minutes=10), timedelta(minutes=-10)], ids=["fast", "slow"])
@pytest.mark.fault("F52")
def test_age_of_a_quote_does_not_depend_on_this_hosts_clock(voucher, funded, now, off):
    """`now` comes from the database, whose clock is right."""
    with time_machine.travel(now + off, tick=True):
        _, quote = quoted(voucher, now)

    assert (quote.fetched_at, quote.expires_at) == (now, now + timedelta(minutes=2))


def test_price_of_nothing_is_no_price(voucher, funded, lab, now):
    lab.books["giftapi"].set_price(voucher.supplier_ref, 0)
    wanted = terms.check(sku=voucher, quantity=1, amount=None, fields={})

    quote = quoting.fetch(quote=quoting.record(sku=voucher, terms=wanted, by=None, now=now), now=now)

    assert (quote.state, quote.note) == ("refused", "The supplier names no price just now.")


def test_product_that_went_since_the_sync_gets_no_price(voucher, funded, lab, now):
    lab.books["giftapi"].retire(voucher.product.supplier_ref)
    wanted = terms.check(sku=voucher, quantity=1, amount=None, fields={})

    quote = quoting.fetch(quote=quoting.record(sku=voucher, terms=wanted, by=None, now=now), now=now)

    assert quote.state == "refused"
    assert quote.note


def test_pending_quote_is_fetched_once(voucher, funded, lab, now):
    _, quote = quoted(voucher, now)
    lab.books["giftapi"].set_price(voucher.supplier_ref, "9.99")

    again = quoting.fetch(quote=quote, now=now)

    assert again.total == quote.total


@pytest.mark.parametrize(("reference", "says"), [
    ("Bestellung Nº 7", "leave out º"), ("Заказ-1", "leave out Закз"), ("A\u202eB", "invisible")])
def test_reference_that_no_supplier_takes_is_refused(voucher, account, now, reference, says):
    with pytest.raises(placing.OddReference, match=says):
        placing.confirm(token=uuid.uuid4(), sku=voucher, terms=None, quote=None, reference=reference, by=None, now=now)
    assert not Order.objects.exists()
