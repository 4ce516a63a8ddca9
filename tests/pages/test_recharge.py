"""Recharging a phone on the pages: number, operator, plan, and the order form with the number in it."""

import pytest
from django.urls import reverse

from catalog.models import Product, Sku
from orders import tasks
from orders.models import PhoneSearch
from tests.pages.flow import HTMX

NUMBER = "+919812345671"
START, SEARCHES = "orders:recharge", "orders:phone_searches"


@pytest.fixture
def client(page_client):
    return page_client("operations")


@pytest.fixture
def make_operator(octopus, now):
    """A factory of mirrored operators with one plan."""
    def make(ref, name):
        seen = {"supplier": octopus, "first_seen_at": now, "changed_at": now}
        product = Product.objects.create(
            supplier_ref=ref, name=name, kind="recharge",
            fields=[{"name": "phone_number", "label": "Phone number", "kind": "phone"}], **seen)
        return Sku.objects.create(
            supplier_ref=f"{ref}:plan", product=product, name=f"{name} 1 GB", denomination="fixed", face_value=99,
            face_currency="INR", price=99, currency="INR", category="Data", max_per_order=1, **seen)
    return make


@pytest.fixture
def make_search(octopus, client, now):
    """A factory of answered searches, by the person who is signed in."""
    def make(*matches, **columns):
        user = client.session["_auth_user_id"]
        rows = [{"product_ref": ref, "name": name, "region": "IND", "is_best": not n}
                for n, (ref, name) in enumerate(matches)]
        return PhoneSearch.objects.create(**{"supplier": octopus, "number": NUMBER, "state": "ready", "matches": rows,
                                             "asked_at": now, "asked_by_id": user, **columns})
    return make


def page_of(client, search, **query):
    return client.get(reverse("orders:phone_search", args=[search.pk]), query)


def shown(response):
    return " ".join(response.content.decode().split())


def test_number_leads_to_its_operators_without_javascript(client, octopus):
    response = client.post(reverse(SEARCHES), {"supplier": octopus.pk, "number": NUMBER})
    search = PhoneSearch.objects.get()
    waiting = client.get(response["Location"])
    tasks.search_phone(str(search.pk))

    answered = client.get(response["Location"])

    assert (response.status_code, waiting.status_code) == (302, 200)
    assert "Looking for the operator" in shown(waiting)
    assert search.matches == []
    assert NUMBER in shown(answered)
    assert "best guess" in shown(answered)


def test_htmx_gets_the_part_and_the_address(client, octopus):
    response = client.post(reverse(SEARCHES), {"supplier": octopus.pk, "number": NUMBER}, headers=HTMX)

    assert response["HX-Push-Url"] == reverse("orders:phone_search", args=[PhoneSearch.objects.get().pk])
    assert "<html" not in shown(response)


def test_polling_stops_with_the_answer(client, make_search):
    search = make_search(state="pending")
    url = reverse("orders:phone_search", args=[search.pk])

    assert client.get(url, headers=HTMX).status_code == 200
    PhoneSearch.objects.update(state="ready")
    assert client.get(url, headers=HTMX).status_code == 286


def test_number_in_another_form_comes_back_with_the_right_one(client, octopus):
    response = client.post(reverse(SEARCHES), {"supplier": octopus.pk, "number": "00 44 7700 900123"})

    assert response.status_code == 422
    assert "country code" in shown(response)

    response = client.post(reverse(SEARCHES), {"supplier": octopus.pk, "number": "44 7700 900123"}, headers=HTMX)

    assert (response.status_code, "Write it as +447700900123" in shown(response)) == (422, True)
    assert not PhoneSearch.objects.exists()


def test_connection_that_cannot_look_up_is_refused(client, octopus, giftapi):
    response = client.post(reverse(SEARCHES), {"supplier": giftapi.pk, "number": NUMBER})

    assert response.status_code == 422


def test_several_operators_wait_for_a_persons_choice(client, make_search, make_operator):
    make_operator("topup:1", "Alpha"), make_operator("topup:2", "Beta")
    search = make_search(("topup:1", "Alpha"), ("topup:2", "Beta"))

    undecided, chosen = page_of(client, search), page_of(client, search, operator="topup:2")

    assert "Ask the buyer, then choose" in shown(undecided)
    assert "1 GB" not in shown(undecided)
    assert "Beta 1 GB" in shown(chosen)
    assert "Alpha 1 GB" not in shown(chosen)


def test_lone_operator_shows_its_plans_at_once(client, make_search, make_operator):
    make_operator("topup:1", "Alpha")

    assert "Alpha 1 GB" in shown(page_of(client, make_search(("topup:1", "Alpha"))))


def test_number_that_nobody_knows_says_what_to_do(client, make_search):
    page = shown(page_of(client, make_search()))

    assert "octopus knows no operator for this number" in page
    assert "Check the number with the buyer" in page


def test_operator_outside_the_catalog_asks_for_a_sync(client, make_search):
    assert "Synchronise the catalog" in shown(page_of(client, make_search(("topup:9", "Gamma"))))


def test_failed_search_says_why(client, make_search):
    assert "It was busy" in shown(page_of(client, make_search(state="failed", note="It was busy")))


def test_made_up_operator_is_not_found(client, make_search):
    assert page_of(client, make_search(("topup:1", "Alpha")), operator="topup:7").status_code == 404


def test_search_of_somebody_else_does_not_exist(client, make_search, staff):
    search = make_search(asked_by_id=staff("lead").pk)

    assert page_of(client, search).status_code == 404


def test_plan_leads_to_a_form_with_the_number(client, make_search, make_operator):
    sku = make_operator("topup:1", "Alpha")
    search = make_search(("topup:1", "Alpha"))

    form = client.get(reverse("orders:new"), {"sku": sku.pk, "phone": search.pk}).context["form"]

    assert form["fields.phone_number"].value() == NUMBER


def test_number_of_another_persons_search_stays_there(client, make_search, make_operator, staff):
    sku = make_operator("topup:1", "Alpha")
    search = make_search(("topup:1", "Alpha"), asked_by_id=staff("lead").pk)

    form = client.get(reverse("orders:new"), {"sku": sku.pk, "phone": search.pk}).context["form"]

    assert not form["fields.phone_number"].value()


def test_finder_leads_here_only_where_a_supplier_can(client, octopus):
    assert reverse(START) in shown(client.get(reverse("orders:new")))
    octopus.is_active = False
    octopus.save()

    assert reverse(START) not in shown(client.get(reverse("orders:new")))
    assert "No connected supplier can look up numbers" in shown(client.get(reverse(START)))


def test_finance_may_not_recharge(page_client):
    assert page_client("finance").get(reverse(START)).status_code == 403
