"""A person's session or permission ends while an order is being placed."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from tests.pages.flow import HTMX, ask, confirm, nothing_happened

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault("F72")]


def test_session_that_ended_leads_to_sign_in_and_back_and_places_nothing(page_client, sold_voucher):
    client = page_client("operations")
    address, quote = ask(client, sold_voucher)
    client.logout()

    plain = confirm(client, address, quote)
    swapped = client.post(
        reverse("orders:confirmation", args=[quote.pk]),
        headers={**HTMX, "HX-Current-URL": f"http://testserver{address}"})

    assert plain.status_code == 302
    assert plain["Location"].startswith(reverse("login"))
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
