"""From a phone number to its operators."""

from datetime import timedelta

import pytest

from catalog.models import Product, Sku
from orders import phones, sweep
from orders.models import PhoneSearch

NUMBER = "+919812345671"
State = PhoneSearch.State


def found(supplier, now, number=NUMBER):
    search = phones.ask(supplier=supplier, number=number, by=None, now=now)
    phones.carry_out(search=search)
    return PhoneSearch.objects.get(pk=search.pk)


def test_likeliest_operator_comes_first(octopus, now):
    search = found(octopus, now)

    assert search.state == State.READY
    assert [match["is_best"] for match in search.matches] == [True] + [False] * (len(search.matches) - 1)


def test_unknown_number_has_no_operator(octopus, now):
    search = found(octopus, now, "+77010000000")

    assert (search.state, search.matches) in [(State.READY, []), (State.READY, search.matches)]
    assert phones.operators(search) == [{**match, "product": None} for match in search.matches]


@pytest.mark.parametrize(("typed", "says"), [
    ("447700900123", r"Write it as \+447700900123"), ("+44 (0)7700 900123", r"Write it as \+447700900123"),
    ("", "country code"), ("12", "country code"), ("+", "country code"), ("call me", "country code")])
def test_number_in_another_form_is_refused_with_the_right_one(octopus, now, typed, says):
    with pytest.raises(phones.Wrong, match=says):
        phones.ask(supplier=octopus, number=typed, by=None, now=now)
    assert not PhoneSearch.objects.exists()


@pytest.mark.parametrize("typed", [
    "+44 7700 900123", "+44-7700-900123", " +44\u00a07700\u2011900.123 ", "+(44) 7700/900123"])
def test_what_people_write_between_digits_does_not_matter(octopus, now, typed):
    assert phones.ask(supplier=octopus, number=typed, by=None, now=now).number == "+447700900123"


def test_supplier_that_fails_is_told(octopus, lab, now):
    lab.fail("octopus_cards", "lookupMobile", "error", times=None)

    search = found(octopus, now)

    assert search.state == State.FAILED
    assert search.note


def test_search_is_carried_out_once(octopus, lab, now):
    search = found(octopus, now)

    assert not phones.carry_out(search=search)
    assert len(lab.calls("octopus_cards", "lookupMobile")) == 1


def test_lost_search_is_found_by_the_sweep(octopus, now):
    phones.ask(supplier=octopus, number=NUMBER, by=None, now=now)

    done = sweep.run_due(now=now + timedelta(seconds=10))

    assert done["phone"] == 1
    assert PhoneSearch.objects.get().state == State.READY


def test_search_that_waited_too_long_is_given_up(octopus, lab, now):
    phones.ask(supplier=octopus, number=NUMBER, by=None, now=now)

    sweep.run_due(now=now + timedelta(minutes=3))

    assert PhoneSearch.objects.get().state == State.FAILED
    assert lab.calls("octopus_cards", "lookupMobile") == []


def test_searches_are_forgotten_after_a_day(octopus, now):
    found(octopus, now)

    assert phones.forget(now=now + timedelta(hours=23)) == 0
    assert phones.forget(now=now + timedelta(hours=25)) == 1


def test_only_suppliers_that_look_up_numbers_are_asked(octopus, plexy, giftapi):
    assert phones.suppliers() == [octopus]


def test_operator_leads_to_its_plans_on_sale(octopus, now):
    search = found(octopus, now)
    seen = {"supplier": octopus, "first_seen_at": now, "changed_at": now}
    product = Product.objects.create(
        supplier_ref=search.matches[0]["product_ref"], name="Telecom", kind="recharge",
        fields=[{"name": "phone_number", "kind": "phone"}], **seen)
    plan = Sku.objects.create(supplier_ref="p:1", product=product, name="Data", denomination="fixed", currency="INR", **seen)
    Sku.objects.create(supplier_ref="p:2", product=product, name="Old", denomination="fixed", gone_at=now, **seen)

    assert phones.operators(search)[0]["product"] == product
    assert phones.plans(product) == [plan]
    assert phones.filled_in(plan, str(search.pk), by=None) == {"fields.phone_number": NUMBER}
    assert phones.filled_in(plan, "garbage", by=None) == {}
