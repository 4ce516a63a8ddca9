"""Money that should come back: told on the order's page, with the way to the books, and ended there by a person."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from catalog.models import Supplier
from funding.models import Entry
from orders.models import Attempt, Event, Refund, Shortfall

from .conftest import NOON


@pytest.fixture
def failed(make_order):
    """A factory of orders that failed after they were accepted, with what came back of 5.20 USD."""

    def make(state="awaited", **columns):
        order = make_order("failed", supplier_order_id="S-1")
        attempt = order.attempts.get()
        Attempt.objects.filter(pk=attempt.pk).update(state="accepted", outcome="failed", supplier_order_id="S-1")
        ends = {"due_at": NOON} if state == "awaited" else {"ended_at": NOON}
        Shortfall.objects.create(attempt=attempt, owed=Decimal("5.20"), state=state, since=NOON, **ends | columns)
        return order

    return make


def page_of(client, order):
    return client.get(reverse("orders:order", args=[order.pk])).content.decode()


@pytest.mark.parametrize(("state", "columns", "says"), [
    ("awaited", {}, "5.20 USD should come back for what was not delivered. The supplier’s books are searched"),
    ("awaited", {"told_at": NOON, "returned": 2}, "within a day; the books show 2.00 USD"),
    ("returned", {"returned": "5.20"}, "gave 5.20 USD back, as it should"),
    ("differs", {"returned": "9.00"}, "gave 9.00 USD back; 5.20 USD was to come")])
def test_page_answers_whether_the_money_came_back(page_client, failed, state, columns, says):
    text = page_of(page_client("lead"), failed(state, **columns)).replace("&#x27;", "’")

    assert "did not deliver" in text
    assert says in text


def test_page_shows_the_row_that_gave_it_back_and_leads_to_the_books(page_client, failed, account):
    order = failed("returned", returned="5.20")
    entry = Entry.objects.create(
        supplier=order.supplier, account=account, kind="transaction", supplier_key="1", word="refund-row", status="posted",
        amount="5.20", currency="USD", occurred_at=NOON, first_seen_at=NOON)
    Refund.objects.create(shortfall=Shortfall.objects.get(), entry=entry, is_named=False, bound_at=NOON)

    text = page_of(page_client("lead"), order)

    assert "refund-row" in text
    assert "found by its amount" in text
    address = reverse("funding:transactions") + "?supplier=quiet&amp;currency=USD&amp;order=S-1"
    assert f'href="{address}"' in text
    assert page_client("lead").get(address.replace("&amp;", "&")).status_code == 200


@pytest.mark.parametrize(("group", "address"), [
    ("operations", "/funding/accounts/"), ("support", ""), ("finance", "/funding/transactions/")])
def test_way_to_the_money_is_one_that_the_reader_may_go(page_client, failed, group, address):
    text = page_of(page_client(group), failed())

    assert ("Look at the account" in text) == bool(address)
    assert address in text


def test_supplier_whose_books_show_no_refunds_leads_to_the_balance(page_client, failed):
    order = failed()
    Supplier.objects.filter(pk=order.supplier_id).update(api="plexy_gate")

    text = page_of(page_client("lead"), order)

    assert "compare the account" in text
    assert reverse("funding:account", args=[order.supplier.accounts.get().pk]) in text


@pytest.mark.parametrize("columns", [{}, {"told_at": NOON}])
def test_wait_can_be_ended_only_once_it_is_late(page_client, failed, columns):
    order = failed(**columns)
    client, address = page_client("lead"), reverse("orders:refund", args=[order.pk])
    assert (address in page_of(client, order)) == bool(columns)

    answer = client.post(address, {"text": "Support: booked on our next invoice"})

    assert answer.status_code == (302 if columns else 422)
    assert Shortfall.objects.get().state == ("settled" if columns else "awaited")
    assert Event.objects.filter(order=order, kind="note").exists() == bool(columns)


def test_wait_is_not_ended_without_a_word(page_client, failed):
    order = failed(told_at=NOON)

    answer = page_client("lead").post(reverse("orders:refund", args=[order.pk]), {"text": " "})

    assert answer.status_code == 422
    assert "Write where the money is" in answer.content.decode()


def test_late_refunds_are_a_view_of_the_list(page_client, failed, make_order):
    late, early = failed(told_at=NOON), make_order()

    text = page_client("finance").get(reverse("orders:list") + "?status=refund").content.decode()

    assert late.reference in text
    assert early.reference not in text


def test_open_page_is_told_anew_when_money_came(page_client, make_order, now):
    order = make_order("partially_completed", at=now - timedelta(hours=2))
    client, attempt = page_client("lead"), order.attempts.get()
    version = client.get(reverse("orders:order", args=[order.pk])).context["version"]

    Shortfall.objects.create(attempt=attempt, owed=1, since=now, due_at=now)

    answer = client.get(reverse("orders:order", args=[order.pk]) + f"?seen={version}", headers={"HX-Request": "true"})
    assert "Money back" in answer.content.decode()
