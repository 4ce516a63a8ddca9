"""What may be asked for is decided before anything is spent, and each refusal names the input."""

from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Product, Sku, Supplier
from orders import terms

STEAM = [
    {"name": "steam_login", "label": "Steam login", "kind": "text", "required": True},
    {"name": "email", "label": "E-mail", "kind": "email", "required": False},
]


def a_sku(fields=(), **columns):
    supplier = Supplier(name="plexy", is_active=columns.pop("supplier_is_active", True))
    product = Product(supplier=supplier, name="Steam", fields=list(fields), is_active=columns.pop("is_on_sale", True))
    return Sku(supplier=supplier, product=product, name="Steam 10", **{"denomination": "fixed", **columns})


def an_open_sku(**columns):
    return a_sku(**{"denomination": "open", "face_currency": "USD", "min_amount": Decimal(5), "max_amount": Decimal(100),
                    "step": Decimal(1), **columns})


def wrong(sku, quantity=1, amount=None, fields=None):
    with pytest.raises(terms.Wrong) as refused:
        terms.check(sku=sku, quantity=quantity, amount=amount, fields=fields)
    return refused.value.errors


def test_fixed_sku_needs_only_a_quantity():
    checked = terms.check(sku=a_sku(max_per_order=3), quantity="3", amount=None, fields={})

    assert (checked.quantity, checked.amount, checked.fields) == (3, None, {})


@pytest.mark.parametrize(("quantity", "says"), [
    ("0", "at least 1"), ("-1", "at least 1"), ("two", "whole number"), ("1.5", "whole number"), ("151", "At most 150"),
])
def test_odd_quantity_is_refused(quantity, says):
    assert says in wrong(a_sku(max_per_order=3), quantity=quantity)["quantity"]


def test_more_than_the_stock_is_refused():
    assert "Only 2" in wrong(a_sku(stock=2), quantity=3)["quantity"]


@pytest.mark.fault("F45")
def test_sku_out_of_stock_is_refused():
    assert "out of stock" in wrong(a_sku(stock=0))["sku"]


def test_amount_in_range_and_on_step_is_taken_exactly():
    assert terms.check(sku=an_open_sku(), quantity=1, amount="5.00", fields={}).amount == Decimal("5.00")


@pytest.mark.parametrize(("amount", "says"), [
    ("4", "smallest amount is 5.00 USD"), ("101", "largest amount is 100.00 USD"),
    ("5.5", "5.00 or 6.00"), ("", "for example"), ("NaN", "for example"), ("1e999999", "largest"), ("ten", "for example"),
])
def test_odd_amount_is_refused(amount, says):
    assert says in wrong(an_open_sku(), amount=amount)["amount"]


def test_amount_with_more_digits_than_the_currency_has_is_refused():
    assert "JPY has 0 decimal places" in wrong(an_open_sku(face_currency="JPY", step=None), amount="10.5")["amount"]


def test_amount_for_a_fixed_sku_is_refused():
    assert "fixed value" in wrong(a_sku(), amount="10")["amount"]


def test_needed_field_that_is_missing_is_named():
    assert wrong(a_sku(STEAM)) == {"fields.steam_login": "This is needed."}


def test_optional_field_may_be_left_out():
    assert terms.check(sku=a_sku(STEAM), quantity=1, amount=None, fields={"steam_login": "reefwalker"}).fields == {
        "steam_login": "reefwalker"}


def test_unknown_field_is_refused():
    errors = wrong(a_sku(STEAM), fields={"steam_login": "reefwalker", "status": "completed"})

    assert list(errors) == ["fields.status"]


@pytest.mark.parametrize("value", ["no-at-sign", "a@b", "x" * 300, "line\nbreak@example.org"])
def test_odd_email_is_refused(value):
    assert "fields.email" in wrong(a_sku(STEAM), fields={"steam_login": "reefwalker", "email": value})


def test_phone_without_plus_is_refused_with_the_corrected_form():
    phone = [{"name": "phone", "label": "Phone", "kind": "phone"}]

    assert "+447700900123" in wrong(a_sku(phone), fields={"phone": "447700900123"})["fields.phone"]


def test_phone_is_sent_without_what_people_write_between_its_digits():
    phone = [{"name": "phone", "label": "Phone", "kind": "phone"}]

    found = terms.check(sku=a_sku(phone), quantity=1, amount=None, fields={"phone": "+44 7700-900 123"})

    assert (found.fields, found.recipient) == ({"phone": "+447700900123"}, "+447700900123")


def test_choice_outside_the_list_is_refused():
    server = [{"name": "server", "label": "Server", "kind": "choice", "choices": ["EU", "US"]}]

    assert "EU, US" in wrong(a_sku(server), fields={"server": "Mars"})["fields.server"]


def test_product_that_has_gone_is_refused():
    assert "no longer sold" in wrong(a_sku(gone_at=timezone.now()))["sku"]


def test_supplier_that_is_switched_off_is_refused():
    assert "switched off" in wrong(a_sku(supplier_is_active=False))["sku"]


def test_recipient_is_the_account_not_the_contact_address():
    fields = {"email": "buyer@example.org", "steam_login": "reefwalker"}

    assert terms.check(sku=a_sku(STEAM), quantity=1, amount=None, fields=fields).recipient == "reefwalker"


def test_digest_tells_other_amounts_apart_but_not_other_spellings():
    def digest(amount):
        return terms.check(sku=an_open_sku(pk=1), quantity=1, amount=amount, fields={}).digest

    assert digest("10") == digest("10.00")
    assert digest("10") != digest("11")
