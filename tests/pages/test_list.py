"""The order list: tabs, filters, pages by key; and how many questions it asks the database."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Supplier
from orders import paging, rows
from orders.models import Order
from tests.pages.conftest import NOON

LIST_BUDGET = 8
HTMX = {"HX-Request": "true"}


@pytest.fixture
def client(page_client):
    return page_client("operations")


def shown(client, query="", **options):
    """The references on the page, in order."""
    response = client.get(reverse("orders:list") + query, **options)
    return [row["reference"] for row in response.context["rows"]]


def references(*orders):
    return [order.reference for order in orders]


@pytest.mark.parametrize(("tab", "statuses"), [
    ("action", ["unknown", "parked"]), ("open", ["accepted", "unknown", "parked"]), ("unknown", ["unknown"]),
    ("parked", ["parked"]), ("completed", ["completed"]), ("failed", ["failed"]),
    ("all", ["completed", "accepted", "unknown", "parked", "failed"])])
def test_tab_shows_its_orders(client, make_order, tab, statuses):
    for status in ("completed", "accepted", "unknown", "parked", "failed"):
        make_order(status, reference=status)

    assert shown(client, f"?status={tab}") == statuses


def test_order_to_review_needs_action(client, make_order):
    flagged = make_order("completed", needs_review=True)
    make_order("completed")

    assert shown(client, "?status=action") == shown(client, "?status=review") == references(flagged)


def test_tabs_count_what_means_work(client, make_order):
    for status in ("unknown", "parked", "parked", "accepted", "completed"):
        make_order(status)

    tabs = client.get(reverse("orders:list")).context["tabs"]

    assert {tab["word"]: tab["count"] for tab in tabs if tab["count"]} == {
        "action": 3, "open": 4, "unknown": 1, "parked": 2}


def test_counts_stop_at_a_hundred(client, make_order, monkeypatch):
    monkeypatch.setattr("orders.listing.COUNT_TO", 2)
    for _ in range(3):
        make_order("unknown")

    tabs = client.get(reverse("orders:list")).context["tabs"]

    assert {tab["count"] for tab in tabs if tab["word"] == "unknown"} == {"1+"}


def test_filters_narrow_together(client, make_order, make_sku):
    elsewhere = Supplier.objects.create(name="elsewhere", api="plexy_gate", base_url="https://elsewhere.invalid")
    wanted = make_order(sku=make_sku(supplier=elsewhere), currency="EUR", placed_by=client.user, is_test=True)
    make_order(currency="EUR", placed_by=client.user, is_test=True)
    make_order(sku=wanted.sku, currency="USD", placed_by=client.user, is_test=True)
    make_order(sku=wanted.sku, currency="EUR", is_test=True)
    make_order(sku=wanted.sku, currency="EUR", placed_by=client.user)

    assert shown(client, "?supplier=elsewhere&currency=eur&mine=on&test=yes") == references(wanted)


def test_filter_offers_a_supplier_that_has_just_come(client, make_order):
    make_order()
    assert ">newcomer</option>" not in client.get(reverse("orders:list")).content.decode()

    Supplier.objects.create(name="newcomer", api="plexy_gate", base_url="https://newcomer.invalid")

    assert ">newcomer</option>" in client.get(reverse("orders:list")).content.decode()


def test_filter_shows_the_words_of_its_own_address(client, make_order):
    make_order()
    pages = [client.get(reverse("orders:list"), {"q": word}).content.decode() for word in ("first", "second", "first")]

    assert ["name=\"q\" value=\"first\"" in page for page in pages] == [True, False, True]


def test_row_leads_to_its_order(client, make_order):
    order = make_order()

    assert f'href="{reverse("orders:order", args=[order.pk])}"' in client.get(reverse("orders:list")).content.decode()


def test_dates_include_both_days(client, make_order):
    make_order(at=NOON - timedelta(days=2))
    first, last = make_order(at=NOON - timedelta(days=1)), make_order(at=NOON)
    make_order(at=NOON + timedelta(days=1))

    assert shown(client, "?since=2026-03-01&until=2026-03-02") == references(last, first)


@pytest.mark.parametrize("query", [
    "?status=nonsense", "?since=yesterday", "?currency=EURO", "?supplier=nobody", "?product=x", "?q=a%00b",
    f"?q={'x' * 201}"])
def test_odd_filter_is_refused_in_place(client, voucher, query):
    response = client.get(reverse("orders:list") + query)

    assert response.status_code == 422
    assert "Show the list without it" in response.content.decode()


@pytest.mark.parametrize("name", ["_connector", "supplier__name__startswith", "a.b", "order_by"])
def test_unknown_parameters_reach_no_query(client, make_order, name):
    order = make_order()

    assert shown(client, f"?{name}=x") == references(order)


@pytest.mark.parametrize("name", ["product", "sku"])
def test_catalog_pages_get_recent_orders_as_a_fragment(client, make_order, make_sku, name):
    order, _other = make_order(), make_order(sku=make_sku())
    pk = order.sku.product_id if name == "product" else order.sku_id

    response = client.get(reverse("orders:list") + f"?{name}={pk}&recent=1", headers=HTMX)

    assert [row["reference"] for row in response.context["rows"]] == references(order)
    assert response.content.decode().count("<html") == 0


def test_list_of_one_product_names_it(client, make_order):
    order = make_order()

    text = client.get(reverse("orders:list"), {"product": order.sku.product_id}).content.decode()

    assert "Only orders of <strong>Example card</strong>." in text


def test_test_orders_stand_apart(client, make_order):
    make_order(is_test=True)

    assert ">Test</span>" in client.get(reverse("orders:list")).content.decode()


# Pages


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(paging.page, "__kwdefaults__", {**paging.page.__kwdefaults__, "size": 2})


def test_pages_lead_through_all_orders_and_back(client, make_order, small_pages):
    orders = references(*[make_order() for _ in range(5)])

    first = client.get(reverse("orders:list"))
    second = client.get(reverse("orders:list") + first.context["older"])
    third = client.get(reverse("orders:list") + second.context["older"])
    back = client.get(reverse("orders:list") + third.context["newer"])

    pages = [[row["reference"] for row in page.context["rows"]] for page in (first, second, third, back)]
    assert pages == [orders[:2], orders[2:4], orders[4:], orders[2:4]]
    assert (first.context["newer"], third.context["older"]) == ("", "")


def test_orders_of_one_instant_are_each_shown_once(client, make_order, small_pages):
    orders = {make_order(at=NOON).reference for _ in range(5)}

    seen, query = [], ""
    while query is not None:
        response = client.get(reverse("orders:list") + query)
        seen += [row["reference"] for row in response.context["rows"]]
        query = response.context["older"] or None

    assert (len(seen), set(seen)) == (5, orders)


def test_new_orders_neither_repeat_nor_hide_others(client, make_order, small_pages):
    orders = references(*[make_order() for _ in range(4)])
    first = client.get(reverse("orders:list"))
    make_order(at=NOON + timedelta(hours=1))

    assert shown(client, first.context["older"]) == orders[2:]


def test_going_back_to_the_top_shows_a_full_first_page(client, make_order, small_pages):
    orders = [make_order() for _ in range(3)]

    back = client.get(reverse("orders:list"), {"before": paging.cursor(orders[1])})

    assert ([row["reference"] for row in back.context["rows"]], back.context["newer"]) == (references(*orders[:2]), "")


def test_pages_keep_the_filter(client, make_order, small_pages):
    for _ in range(3):
        make_order("failed")

    assert "status=failed" in client.get(reverse("orders:list") + "?status=failed").context["older"]


@pytest.mark.parametrize("query", [
    "?after=10000000000", "?before='", "?after=20260302T120000000000-zz", "?after=" + "9" * 4000,
    f"?after=20269999T999999999999-{uuid.UUID(int=1).hex}"])
def test_odd_place_in_the_list_is_no_page(client, make_order, query):
    make_order()

    assert client.get(reverse("orders:list") + query).status_code == 422


def test_fragment_is_the_list_alone(client, make_order):
    make_order()

    text = client.get(reverse("orders:list"), headers=HTMX).content.decode()

    assert text.strip().startswith('<div id="order-list"')
    assert "<html" not in text


def test_filter_leaves_a_clean_address(client, make_order):
    make_order()

    response = client.get(reverse("orders:list") + "?q=&status=failed&supplier=&since=", headers=HTMX)

    assert response["HX-Push-Url"] == f"{reverse('orders:list')}?status=failed"


# Budgets


def count_queries(client, query=""):
    client.get(reverse("orders:list"))  # what is kept between requests is not the page's
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("orders:list") + query, headers=HTMX)
    return len(captured)


def test_list_stays_within_its_budget(client, make_order):
    make_order()
    few = count_queries(client)
    for _ in range(20):
        make_order("parked")

    assert (count_queries(client), few <= LIST_BUDGET) == (few, True)


def test_search_asks_four_questions_more_at_most(client, make_order):
    make_order(recipient="+447700900123")

    assert count_queries(client, "?q=%2B44770") <= LIST_BUDGET + 6


def test_rows_need_no_further_query(make_order, django_assert_num_queries):
    for _ in range(3):
        make_order(placed_by=None)

    with django_assert_num_queries(1):
        assert len(rows.present(rows.select(Order.objects.all()))) == 3
