"""A fresh password before codes are revealed or credentials edited."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.urls import reverse

from orders.models import Event
from tests.pages.conftest import CANARY
from tests.people import confirm

PASSWORD = "a long enough password"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def order(make_order, make_unit):
    order = make_order()
    make_unit(order)
    return order


@pytest.fixture
def support(page_client):
    return page_client("support", confirmed=False)


def reveal(client, order, **options):
    return client.post(reverse("orders:reveal", args=[order.pk]), {"reason": "Buyer lost the mail"}, **options)


def type_password(client, password=PASSWORD, **more):
    return client.post("/confirm/", {"password": password, **more})


def test_stale_password_reveals_nothing_and_is_asked_for(support, order):
    answer = reveal(support, order)

    page = f"/orders/{order.pk}/"
    assert answer["Location"] == f"/confirm/?for=codes&next={quote(page, safe='')}"
    assert CANARY not in answer.content.decode()
    assert not Event.objects.filter(kind="revealed").exists()


def test_fragment_is_led_to_the_password_page_too(support, order):
    assert reveal(support, order, headers=HTMX)["HX-Redirect"].startswith("/confirm/?for=codes")


def test_order_page_asks_before_a_reason_is_typed(support, order):
    page = support.get(reverse("orders:order", args=[order.pk])).content.decode()

    assert "Type your password to reveal" in page
    assert 'name="reason"' not in page


def test_right_password_returns_and_lets_reveal(support, order):
    back = reverse("orders:order", args=[order.pk])

    answer = type_password(support, next=back)

    assert answer["Location"] == back
    assert CANARY in reveal(support, order).content.decode()


def test_password_page_says_why(support):
    assert "Delivered codes are as good as money" in support.get("/confirm/?for=codes").content.decode()
    assert support.get("/confirm/?for=<b>").status_code == 200


def test_wrong_password_opens_nothing(support, order):
    answer = type_password(support, "wrong")

    assert (answer.status_code, "That is not your password" in answer.content.decode()) == (422, True)
    assert reveal(support, order).status_code == 302


def test_wrong_passwords_count_toward_the_lockout(support, order, settings):
    settings.AXES_FAILURE_LIMIT = 3

    answers = [type_password(support, "wrong") for _ in range(3)]

    assert "opens again by itself" in answers[-1].content.decode()
    assert type_password(support).status_code != 302
    assert reveal(support, order).status_code == 302


def test_password_of_another_person_is_not_ours(support, staff, order):
    staff("lead", username="lena", password="another long password")

    assert type_password(support, "another long password", username="lena").status_code == 422


def test_session_gets_a_new_key(support, order):
    before = support.session.session_key

    type_password(support)

    assert support.session.session_key != before


@pytest.mark.parametrize(("minutes", "status"), [(9, 200), (11, 302)])
def test_window_is_ten_minutes(support, order, now, minutes, status):
    confirm(support, now - timedelta(minutes=minutes))

    assert reveal(support, order).status_code == status


@pytest.mark.parametrize("onward", [
    "https://evil.example/", "//evil.example", "javascript:alert(1)", "", "\\\\evil.example"])
def test_password_page_leads_only_to_ourselves(support, onward):
    assert type_password(support, next=onward)["Location"] == "/"


def test_stranger_signs_in_first(client):
    assert client.get("/confirm/")["Location"].startswith("/login/")


def test_signing_in_counts_as_typing_it(client, staff, order):
    user = staff("support")

    client.post("/login/", {"username": user.username, "password": PASSWORD})

    assert CANARY in reveal(client, order).content.decode()


@pytest.mark.parametrize("path", ["add/", "{pk}/change/"])
def test_form_for_credentials_opens_with_a_fresh_password_only(page_client, supplier, path):
    address = f"/admin/catalog/supplier/{path.format(pk=supplier.pk)}"
    lead = page_client("lead", confirmed=False)

    assert lead.get(address)["Location"] == f"/confirm/?for=credentials&next={quote(address, safe='')}"
    confirm(lead)
    assert lead.get(address).status_code == 200
