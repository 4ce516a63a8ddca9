"""The pages of orders that wait: unknown outcomes, parked orders, and what parked orders need."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog import clock
from catalog.models import Supplier
from funding.models import Account
from orders import demand
from orders.models import Order
from tests.pages.conftest import NOON

HTMX = {"HX-Request": "true"}
BUDGET = 8


@pytest.fixture
def client(page_client):
    return page_client("operations")


@pytest.fixture
def other_account(db):
    supplier = Supplier.objects.create(name="elsewhere", api="plexy_gate", base_url="https://elsewhere.invalid")
    return Account.objects.create(supplier=supplier, currency="USD")


def test_unknown_orders_stand_oldest_first(client, make_order):
    young, old = make_order("unknown", at=NOON), make_order("unknown", at=NOON - timedelta(hours=2))
    make_order("completed")

    response = client.get(reverse("orders:unknown"))

    assert [attempt.order for attempt in response.context["attempts"]] == [old, young]


def test_unknown_page_sums_the_money_at_risk_per_currency(client, make_order):
    make_order("unknown", agreed_total=Decimal("5.25"))
    make_order("unknown", agreed_total=Decimal("4.75"))
    make_order("unknown", agreed_total=Decimal(900), currency="JPY")

    assert client.get(reverse("orders:unknown")).context["risk"] == [("JPY", 900, 1), ("USD", 10, 2)]


def test_unknown_page_tells_the_last_look_and_the_next(client, make_order):
    order = make_order("unknown", reason="Not found at the supplier; too early to conclude anything")

    text = client.get(reverse("orders:unknown")).content.decode()

    assert "too early to conclude anything" in text
    assert f"{order.attempts.get().due_at:%Y-%m-%dT%H:%M:%SZ}" in text


def test_empty_unknown_page_says_why(client, db):
    assert "Every outcome is known" in client.get(reverse("orders:unknown")).content.decode()


def test_parked_orders_stand_by_account_with_need_and_means(client, make_order, make_sku, account, other_account):
    make_order("parked", agreed_total=Decimal(80))
    make_order("parked", agreed_total=Decimal(70), parked_total=Decimal(75), parked_reason="price")
    make_order("parked", sku=make_sku(supplier=other_account.supplier), at=NOON)

    demands = client.get(reverse("orders:parked")).context["demands"]

    assert [(demand.account, demand.count, demand.need, demand.spendable, demand.short) for demand in demands] == [
        (account, 2, Decimal(155), Decimal(100), Decimal(55)),
        (other_account, 1, Decimal("5.20"), None, None)]


def test_parked_order_can_be_released_from_the_list(client, make_order):
    order = make_order("parked")

    text = client.get(reverse("orders:parked")).content.decode()

    assert f'action="{reverse("orders:release", args=[order.pk])}"' in text
    assert f'action="{reverse("orders:withdrawal", args=[order.pk])}"' in text


def test_who_may_not_release_sees_no_button(page_client, make_order):
    make_order("parked")

    assert "/release/" not in page_client("finance").get(reverse("orders:parked")).content.decode()


def test_demand_of_one_account_is_a_fragment(client, make_order, account, other_account):
    make_order("parked", agreed_total=Decimal(130))

    text = client.get(reverse("orders:parked_demand"), {"account": account.pk}).content.decode()
    nothing = client.get(reverse("orders:parked_demand"), {"account": other_account.pk}).content.decode()

    assert ("1 parked order needs" in text, "130.00" in text, "30.00" in text, "<html" in text) == (True, True, True, False)
    assert ' hidden></div>' in nothing


@pytest.mark.parametrize(("name", "status"), [("unknown", "unknown"), ("parked", "parked")])
def test_pages_stay_within_their_budget(client, make_order, name, status, monkeypatch):
    monkeypatch.setattr(clock, "now", timezone.now)  # asking PostgreSQL for the time is a query more
    for _ in range(10):
        make_order(status)
    client.get(reverse(f"orders:{name}"))

    with CaptureQueriesContext(connection) as captured:
        client.get(reverse(f"orders:{name}"), headers=HTMX)

    assert len(captured) <= BUDGET
    assert Order.objects.count() == 10


def test_reckoning_tells_what_a_deposit_would_let_go(client, make_order, account, monkeypatch):
    monkeypatch.setattr(clock, "now", timezone.now)  # PostgreSQL's own clock does not travel
    make_order("parked", agreed_total=Decimal(120), at=NOON)
    make_order("parked", agreed_total=Decimal(80), at=NOON + timedelta(minutes=1))

    with time_machine.travel(NOON + timedelta(hours=1)):
        text = client.get(reverse("orders:parked"), {"account": account.pk, "deposit": "50"}).content.decode()

    assert "would let 1 order go" in text
    assert text.count("would go") == 1


def test_deposit_that_is_missing_is_proposed_in_plain_digits(client, make_order, account):
    Account.objects.update(available=Decimal("1.500000"))
    make_order("parked", agreed_total=Decimal("7.88"))

    assert 'placeholder="6.38"' in client.get(reverse("orders:parked")).content.decode()


@pytest.mark.parametrize(("available", "is_told"), [("100", True), ("1", False)])
def test_refusal_for_want_of_money_that_was_read_is_explained(client, make_order, account, available, is_told):
    Account.objects.update(available=Decimal(available))
    make_order("parked", parked_reason="funds", agreed_total=Decimal(5))

    assert ("yet they were refused" in client.get(reverse("orders:parked")).content.decode()) is is_told


@pytest.mark.parametrize("deposit", ["", "x", "-5", "0", "1e999", "NaN"])
def test_odd_deposit_is_refused_and_the_queue_stays(client, make_order, account, deposit):
    order = make_order("parked")

    response = client.get(reverse("orders:parked"), {"account": account.pk, "deposit": deposit})

    assert response.status_code == 422
    assert order.reference in response.content.decode()


def test_turn_is_set_from_the_list(client, make_order):
    order = make_order("parked")

    client.post(reverse("orders:priority", args=[order.pk]), {"priority": "1"})

    assert Order.objects.get(pk=order.pk).priority == 1


def test_odd_turn_changes_nothing(client, make_order):
    order = make_order("parked")

    client.post(reverse("orders:priority", args=[order.pk]), {"priority": "7"})

    assert Order.objects.get(pk=order.pk).priority == 0


def test_deposit_is_reckoned_beyond_what_the_page_shows(client, make_order, account, monkeypatch):
    monkeypatch.setattr(clock, "now", timezone.now)
    monkeypatch.setattr(demand, "MOST", 2)
    monkeypatch.setattr(demand, "FEWEST", 2)
    for n in range(5):
        make_order("parked", agreed_total=Decimal(30), at=NOON + timedelta(minutes=n))

    with time_machine.travel(NOON + timedelta(hours=1)):
        response = client.get(reverse("orders:parked"), {"account": account.pk, "deposit": "20"})

    (told,) = response.context["demands"]
    assert (len(told.waiting), told.forecast.orders, told.forecast.spent, told.forecast.left) == (2, 4, 120, 0)


def test_deposit_at_a_paused_supplier_lets_nothing_go(client, make_order, account, supplier, monkeypatch):
    monkeypatch.setattr(clock, "now", timezone.now)
    make_order("parked", at=NOON)
    type(supplier).objects.update(paused_at=NOON, paused_reason="Key refused")

    with time_machine.travel(NOON + timedelta(hours=1)):
        (told,) = client.get(reverse("orders:parked"), {"account": account.pk, "deposit": "50"}).context["demands"]

    assert told.forecast.orders == 0


def test_long_queue_is_shown_account_by_account_and_page_by_page(client, make_order, account, monkeypatch):
    monkeypatch.setattr(demand, "MOST", 2)
    monkeypatch.setattr(demand, "FEWEST", 1)
    orders = [make_order("parked", at=NOON + timedelta(minutes=n)) for n in range(5)]
    address = reverse("orders:parked")

    seen, query = [], f"?only={account.pk}"
    assert f'href="{query}"' in client.get(address).content.decode()
    while query:
        (told,) = client.get(address + query).context["demands"]
        seen += [one.order for one in told.waiting]
        query = told.older_query

    assert seen == orders
    assert told.newer_query == f"?only={account.pk}&start=2"


@pytest.mark.parametrize("query", ["only=x", "only=0", "only=1&start=-1", "start=1e9"])
def test_odd_place_in_the_queue_is_refused_and_the_queue_stays(client, make_order, query):
    order = make_order("parked")

    response = client.get(f"{reverse('orders:parked')}?{query}")

    assert response.status_code == 422
    assert order.reference in response.content.decode()


def test_buttons_of_all_rows_share_one_form(client, make_order):
    first = make_order("parked")
    for _ in range(20):
        make_order("parked")

    many = client.get(reverse("orders:parked"), headers=HTMX).content.decode()

    assert many.count("csrfmiddlewaretoken") == 1
    assert f'<button class="btn btn-primary btn-sm" form="act" formaction="/orders/{first.pk}/release/">' in many
    assert len(many.partition("<tbody>")[2].partition("</tbody>")[0]) / 21 < 1500  # bytes a row


def test_deposit_is_reckoned_where_money_is_short_and_nowhere_else(client, make_order, account):
    make_order("parked", parked_reason="stale")
    reckon = "What would a deposit"
    assert reckon not in client.get(reverse("orders:parked")).content.decode()

    Account.objects.filter(pk=account.pk).update(available=0)

    assert reckon in client.get(reverse("orders:parked")).content.decode()


def test_price_that_stopped_an_order_is_sent_with_its_release(client, make_order):
    make_order("parked", parked_reason="price", parked_total=Decimal("6.5"))

    assert 'name="total" value="6.5' in client.get(reverse("orders:parked")).content.decode()
