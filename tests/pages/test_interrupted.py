"""A person's session or permission ends while an order is being placed."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from tests.pages.flow import HTMX, ask, confirm, nothing_happened

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault("F72")]
PASSWORD = "a long enough password"


def test_session_that_ended_leads_to_sign_in_and_back_and_places_nothing(page_client, sold_voucher):
    client = page_client("operations")
    address, quote = ask(client, sold_voucher)
    client.logout()

    plain = confirm(client, address, quote)
    swapped = client.post(
        reverse("orders:confirmation", args=[quote.pk]),
        headers={**HTMX, "HX-Current-URL": f"http://testserver{address}"})

    assert plain.status_code == 200
    assert f'action="{reverse("login")}"' in plain.content.decode()
    assert swapped["HX-Redirect"].startswith(f"{reverse('login')}?next=%2Forders%2F")
    assert nothing_happened()


@pytest.mark.parametrize(("referer", "back"), [
    ("http://testserver{address}", "{address}"), ("https://elsewhere.example{address}", "/"), ("", "/"), ("http://[", "/"),
    ("http://testserver//elsewhere.example/", "/elsewhere.example/"),
])
def test_form_sent_without_script_after_the_session_ended_leads_back_to_its_page(page_client, sold_voucher, referer, back):
    client = page_client("operations")
    address, quote = ask(client, sold_voucher)
    client.logout()

    response = client.post(
        reverse("orders:confirmation", args=[quote.pk]), headers={"Referer": referer.format(address=address)})

    assert parse_qs(urlsplit(response["Location"]).query) == {"next": [back.format(address=address)]}


def hidden(response):
    """The hidden fields of a page's form, as a browser sends them."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', response.content.decode())
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def test_what_was_typed_is_offered_again_behind_the_sign_in_and_sent_by_a_press(client, staff, make_order):
    order, person = make_order("unknown"), staff("operations", password=PASSWORD)
    address, back = reverse("orders:notes", args=[order.pk]), reverse("orders:order", args=[order.pk])
    asked = client.post(address, {"text": "Ticket <4711>"}, headers={"Referer": f"http://testserver{back}"})

    wrong = client.post(reverse("login"), {**hidden(asked), "username": person.username, "password": "not it"})
    offered = client.post(reverse("login"), {**hidden(wrong), "username": person.username, "password": PASSWORD})
    assert "Ticket &lt;4711&gt;" in offered.content.decode()
    assert f'href="{back}"' in offered.content.decode()
    assert not order.events.filter(kind="note").exists()
    client.post(address, hidden(offered))

    assert order.events.get(kind="note").text == "Ticket <4711>"


@pytest.mark.parametrize("fields", [{}, {"secret": "s3"}, {"new_password": "s3"}, {"token": "tok-1"}, {"paste": "{}"}])
def test_form_that_says_nothing_or_holds_a_secret_is_not_kept(client, make_order, fields):
    response = client.post(reverse("orders:notes", args=[make_order().pk]), fields)

    assert response.status_code == 302


@pytest.mark.parametrize("address", ["https://elsewhere.example/", "/livez", "/admin/", "//elsewhere.example/", "", "no"])
def test_nothing_is_offered_to_be_sent_elsewhere(client, staff, address):
    person = staff("operations", password=PASSWORD)

    answer = client.post(reverse("login"), {
        "username": person.username, "password": PASSWORD, "kept_address": address, "kept.text": "x"})

    assert answer.status_code == 302


def test_page_of_the_price_is_still_there_after_signing_in_again(page_client, sold_voucher):
    client = page_client("operations")
    address, _ = ask(client, sold_voucher)
    person = client.session["_auth_user_id"]
    client.logout()

    client.force_login(User.objects.get(pk=person), backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(address).status_code == 200


def test_permission_taken_away_in_the_middle_places_nothing(page_client, sold_voucher):
    client = page_client("operations")
    address, quote = ask(client, sold_voucher)
    User.objects.get(pk=client.session["_auth_user_id"]).groups.clear()

    assert confirm(client, address, quote).status_code == 403
    assert nothing_happened()
