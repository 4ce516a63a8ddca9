"""Adding a package to an eSIM is an order: priced, reserved, claimed, sent once, resolved when unknown."""

import json

import pytest
from django.urls import reverse

from catalog import clock, vault
from catalog.models import Call
from catalog.suppliers.giftapi.lab_esim import KNOWN_ICCID, SPENT_ICCID
from orders import esims, placing, quoting, sweep, terms
from orders.models import Attempt, Esim, Event, Order, Unit
from tests.esims.conftest import confirm, priced, read

pytestmark = pytest.mark.django_db


def wrong(pack, **changes):
    with pytest.raises(terms.Wrong) as caught:
        terms.check(**{"sku": pack, "quantity": "1", "amount": None, "fields": {"iccid": KNOWN_ICCID}, **changes})
    return caught.value.errors


def test_package_is_added_once_and_charged_once(buy, books, known):
    before = dict(books.balances)

    order = buy(KNOWN_ICCID)

    assert (order.status, order.recipient, order.needs_review) == ("completed", KNOWN_ICCID, False)
    assert [(row.iccid, row.sku) for row in books.orders.values() if row.iccid] == [(KNOWN_ICCID, order.sku.supplier_ref)]
    assert before["USD"] - books.balances["USD"] == order.charged_total == order.agreed_total


def test_committed_bytes_name_the_sku_and_nothing_more(pack, known):
    order = confirm(pack, KNOWN_ICCID)

    attempt = Attempt.objects.get(order=order)
    body = json.loads(vault.unseal(attempt.sealed_body, place=f"attempt:{attempt.ref}:body"))
    assert body == {"external_id": attempt.ref, "sku_uuid": pack.supplier_ref}


def test_topped_up_esim_is_read_again_by_itself(buy, known):
    order = buy(KNOWN_ICCID)

    sweep.run_due(now=clock.now())

    after = Esim.objects.get(pk=known.pk)
    assert after.data_total == 2 * known.data_total
    assert (after.order, len(after.packages), after.due_at) == (None, 2, None)
    assert order.reference in after.events.get(kind="delivered").text


def test_new_esim_stands_at_the_desk_as_soon_as_it_is_delivered(buy):
    order = buy()

    sweep.run_due(now=clock.now())

    esim = Esim.objects.get()
    assert (esim.order, esim.can_renew, bool(esim.sealed_activation)) == (order, True, True)


def test_esim_typed_before_its_order_came_is_joined_to_it(buy, books, giftapi, lab):
    order = buy()
    esim = Esim.objects.get()
    Esim.objects.update(order=None)

    esims.take_delivered(order=order, now=clock.now(), deliveries=[
        esims.delivery.DeliveredUnit(1, "", esim.iccid, None, {"iccid": esim.iccid})])

    assert Esim.objects.get().order == order


def test_second_package_with_the_same_words_is_not_taken_for_the_same_code(buy, known):
    buy(KNOWN_ICCID)
    order = buy(KNOWN_ICCID, repeat=True)

    assert (order.status, order.needs_review, Unit.objects.count()) == ("completed", False, 2)


def test_same_package_twice_within_minutes_is_asked_about(buy, pack, known):
    buy(KNOWN_ICCID)

    with pytest.raises(placing.LooksRepeated):
        confirm(pack, KNOWN_ICCID)


def test_what_does_not_fit_is_refused_before_anything_is_asked(pack):
    assert list(wrong(pack, quantity="2")) == ["quantity"]
    assert "last digit" in wrong(pack, fields={"iccid": KNOWN_ICCID[:-1] + "2"})["fields.iccid"]
    assert "Digits only" in wrong(pack, fields={"iccid": "89-00"})["fields.iccid"]
    assert "18 to 22 digits" in wrong(pack, fields={"iccid": "8900"})["fields.iccid"]
    assert not Call.objects.filter(operation="getProduct").exists()


def test_esim_that_is_known_to_be_spent_is_refused_at_the_form(pack, spent):
    assert "cannot be topped up" in wrong(pack, fields={"iccid": SPENT_ICCID})["fields.iccid"]


def test_esim_that_turns_out_to_be_spent_gets_no_price(pack):
    quote = priced(pack, SPENT_ICCID).quote

    assert (quote.state, "cannot be topped up" in quote.note) == ("refused", True)
    assert not Order.objects.exists()


def test_esim_that_the_supplier_does_not_know_gets_no_price(pack):
    quote = priced(pack, "8944422711108338982").quote

    assert (quote.state, "no eSIM of this ICCID" in quote.note) == ("refused", True)


def test_esim_that_was_spent_since_the_price_is_not_topped_up(pack, books, known, monkeypatch):
    """The price is old by the time it is sent, so the eSIM is looked at again, and the order parked."""
    monkeypatch.setattr("orders.sending.FRESH", quoting.timedelta(0))
    order = confirm(pack, KNOWN_ICCID)
    books.esims[KNOWN_ICCID]["shown"]["can_renew"] = False

    sweep.run_order(order_id=order.pk, now=clock.now())

    order.refresh_from_db()
    assert (order.status, order.parked_reason, "cannot be topped up" in order.reason) == ("parked", "stock", True)
    assert not [row for row in books.orders.values() if row.iccid]


@pytest.mark.parametrize("when", ["before", "after"])
def test_lost_answer_leaves_it_unknown_until_it_is_found_or_proved_absent(pack, lab, books, known, when):
    lab.fail("giftapi", "topupEsim", "reset", when=when)
    order = confirm(pack, KNOWN_ICCID)

    sweep.run_order(order_id=order.pk, now=clock.now())

    order.refresh_from_db()
    assert order.status == "unknown"
    for minutes in (2, 8, 10, 12, 14):
        sweep.run_order(order_id=order.pk, now=clock.now() + quoting.timedelta(minutes=minutes))
    order.refresh_from_db()
    assert [row.ref for row in books.orders.values() if row.iccid] == [order.attempts.get().ref]
    assert (order.status, order.attempts.get().send_count) == ("completed", 1 if when == "after" else 2)


def test_answer_about_another_esim_is_not_believed(pack, lab, books, known, monkeypatch):
    client = esims.gateway.connect(pack.supplier)
    monkeypatch.setattr("catalog.suppliers.giftapi.esim_mapping.named_iccids", lambda node: {SPENT_ICCID})
    order = confirm(pack, KNOWN_ICCID)

    sweep.run_order(order_id=order.pk, now=clock.now())

    assert client is esims.gateway.connect(pack.supplier)
    assert Order.objects.get(pk=order.pk).status == "unknown"


def test_refused_top_up_fails_and_gives_the_money_back(pack, books, known):
    price = priced(pack, KNOWN_ICCID)
    books.esims[KNOWN_ICCID]["shown"]["can_renew"] = False
    order = confirm(pack, price=price)

    sweep.run_order(order_id=order.pk, now=clock.now())

    order.refresh_from_db()
    assert order.status == "failed"
    assert not [row for row in books.orders.values() if row.iccid]
    assert Event.objects.filter(order=order, text__icontains="cannot be renewed").exists()


def test_one_confirmation_sent_by_two_workers_buys_one_package(pack, books, known):
    order = confirm(pack, KNOWN_ICCID)
    now = clock.now()

    sweep.run_order(order_id=order.pk, now=now)
    sweep.run_order(order_id=order.pk, now=now)

    assert len([row for row in books.orders.values() if row.iccid]) == 1


def test_voucher_takes_no_iccid(giftapi, pack):
    pack.product.kind = "voucher"

    assert "no such field" in wrong(pack)["fields.iccid"]


def test_packages_page_leads_to_the_form_with_the_esim_filled_in(page_client, pack, known):
    client = page_client("operations")

    shown = client.get(reverse("orders:esim_packages", args=[known.pk]))
    form = client.get(reverse("orders:new"), {"sku": pack.pk, "iccid": KNOWN_ICCID})

    assert f"sku={pack.pk}&amp;iccid={KNOWN_ICCID}" in shown.content.decode()
    assert form.context["form"]["fields.iccid"].value() == KNOWN_ICCID


def test_only_packages_of_its_own_product_are_offered(pack, known, buy, now):
    other = type(pack)(**{
        field.attname: getattr(pack, field.attname) for field in pack._meta.concrete_fields if field.attname != "id"})
    product = pack.product
    other.product = type(product).objects.create(
        supplier=product.supplier, supplier_ref="other", name="Elsewhere", kind="esim", first_seen_at=now, changed_at=now)
    other.supplier_ref, other.name = "other-sku", "Elsewhere 1GB"
    other.save()
    buy()

    assert set(esims.packages(esim=known)) == ({pack} if known.last_package == pack.name else {pack, other})
    assert set(esims.packages(esim=Esim.objects.get(order__isnull=False))) == {pack}


def test_order_page_leads_to_its_esim(page_client, buy, known):
    order = buy(KNOWN_ICCID)

    text = page_client("operations").get(reverse("orders:order", args=[order.pk])).content.decode()

    assert reverse("orders:esim", args=[known.pk]) in text
    assert "ICCID of the eSIM to top up" in text


def test_esim_page_shows_its_top_ups(page_client, buy, known):
    order = buy(KNOWN_ICCID)

    assert order.reference in page_client("support").get(reverse("orders:esim", args=[known.pk])).content.decode()


def test_reading_after_a_top_up_does_not_wait_for_a_task(buy, known):
    buy(KNOWN_ICCID)

    assert read(Esim.objects.get(pk=known.pk)).due_at is None
