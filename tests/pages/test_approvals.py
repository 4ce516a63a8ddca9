"""The queue of approvals and the page on which a second person decides."""

import pytest
from django.urls import reverse

from monitoring.models import Alert
from monitoring.watching import watch
from orders import quoting
from orders.models import Order, Quote, SpendLimit

from .flow import filled


@pytest.fixture
def buyer(page_client):
    return page_client("operations")


@pytest.fixture
def asked(buyer, sold_voucher):
    """An order that the buyer asked for through the pages, beyond a limit of nothing."""
    SpendLimit.objects.create(currency="USD", per_day=0)
    there = buyer.post(reverse("orders:quotes"), filled(buyer, sold_voucher)).url
    fetch()
    page = buyer.get(there)
    assert "Ask for approval" in page.content.decode()
    form = page.context["form"]
    buyer.post(reverse("orders:confirmation", args=[page.context["quote"].pk]), {"token": form["token"].value()})
    return Order.objects.get()


def fetch():
    for quote in Quote.objects.filter(state="pending"):
        quoting.fetch(quote=quote, now=quote.asked_at)


def test_queue_tells_who_asks_and_what_is_left(asked, page_client):
    page = page_client("finance").get(reverse("orders:approvals")).content.decode()

    assert asked.reference in page
    assert asked.placed_by.get_username() in page
    assert "Decide" in page


def test_requester_sees_the_request_and_cannot_decide(asked, buyer):
    page = buyer.get(reverse("orders:approvals")).content.decode()

    assert asked.reference in page
    assert "Decide" not in page


def test_price_is_asked_looked_at_and_approved(asked, page_client):
    finance = page_client("finance")
    there = finance.post(reverse("orders:approval_price", args=[asked.pk])).url
    assert "Waiting for" in finance.get(there).content.decode()
    fetch()

    page = finance.get(there).content.decode()
    assert "Approve for" in page
    quote = Quote.objects.get(asked_by=finance.user)
    finance.post(reverse("orders:approval_grant", args=[asked.pk]), {"quote": quote.pk})

    asked.refresh_from_db()
    assert (asked.status, asked.approved_by) == ("queued", finance.user)
    assert finance.user.username in finance.get(reverse("orders:order", args=[asked.pk])).content.decode()


def test_approving_needs_the_password_that_was_typed_just_now(asked, page_client):
    finance = page_client("finance", confirmed=False)
    there = finance.post(reverse("orders:approval_price", args=[asked.pk])).url
    fetch()
    page = finance.get(there).content.decode()
    assert "Type your password to approve" in page
    assert "Approve for" not in page

    quote = Quote.objects.get(asked_by=finance.user)
    answer = finance.post(reverse("orders:approval_grant", args=[asked.pk]), {"quote": quote.pk})

    assert answer.url.startswith(reverse("confirm"))
    assert Order.objects.get().status == "parked"
    assert "spends beyond" in finance.get(answer.url).content.decode()


def test_declining_needs_no_password(asked, page_client):
    page_client("finance", confirmed=False).post(reverse("orders:approval_refusal", args=[asked.pk]), {"text": "No"})

    assert Order.objects.get().status == "cancelled"


def test_polling_stops_when_the_price_is_there(asked, page_client):
    finance = page_client("finance")
    there = finance.post(reverse("orders:approval_price", args=[asked.pk])).url
    assert finance.get(there, headers={"HX-Request": "true"}).status_code == 200
    fetch()

    assert finance.get(there, headers={"HX-Request": "true"}).status_code == 286


@pytest.mark.parametrize("quote", ["", "00000000-0000-4000-8000-000000000000", "odd"])
def test_approval_without_a_price_of_ones_own_changes_nothing(asked, page_client, quote):
    answer = page_client("finance").post(reverse("orders:approval_grant", args=[asked.pk]), {"quote": quote})

    assert answer.status_code in (422, 404)
    assert Order.objects.get().status == "parked"


def test_own_request_is_refused_on_the_page_too(asked, page_client):
    lead = page_client("lead")
    Order.objects.update(placed_by=lead.user)

    answer = lead.post(reverse("orders:approval_refusal", args=[asked.pk]), {"text": "No"})

    assert answer.status_code == 422
    assert "Somebody else has to decide" in answer.content.decode()


def test_declining_needs_a_reason_and_tells_it(asked, page_client):
    finance = page_client("finance")

    assert finance.post(reverse("orders:approval_refusal", args=[asked.pk]), {"text": ""}).status_code == 422
    finance.post(reverse("orders:approval_refusal", args=[asked.pk]), {"text": "Over budget"})

    assert Order.objects.get().status == "cancelled"
    assert "Over budget" in finance.get(reverse("orders:order", args=[asked.pk])).content.decode()


def test_home_and_navigation_lead_to_what_waits(asked, page_client):
    page = page_client("finance").get(reverse("home")).content.decode()

    assert "To approve" in page
    assert reverse("orders:approvals") in page


def test_lead_cannot_move_the_own_limit_in_the_admin(page_client):
    lead = page_client("lead")
    own = SpendLimit.objects.create(user=lead.user, currency="USD", per_day=5)
    everybodys = SpendLimit.objects.create(currency="USD", per_day=5)

    def save(limit):
        lead.post(reverse("admin:orders_spendlimit_change", args=[limit.pk]), {
            "user": limit.user_id or "", "currency": "USD", "per_day": "99"})
        return SpendLimit.objects.get(pk=limit.pk).per_day

    assert (save(own), save(everybodys)) == (5, 99)


def test_lead_cannot_set_an_own_limit_or_take_over_another_ones(page_client, staff):
    lead, other = page_client("lead"), SpendLimit.objects.create(user=staff("operations"), currency="USD", per_day=5)
    mine = {"user": lead.user.pk, "currency": "USD", "per_day": "99"}

    refused = lead.post(reverse("admin:orders_spendlimit_add"), mine)
    lead.post(reverse("admin:orders_spendlimit_change", args=[other.pk]), mine)

    assert "Nobody sets their own limit" in refused.content.decode()
    other.refresh_from_db()
    assert (SpendLimit.objects.get(), other.user_id != lead.user.pk) == (other, True)


def test_limit_for_everybody_is_not_moved_by_whom_it_holds_for(page_client):
    lead, limit = page_client("lead"), SpendLimit.objects.create(currency="USD", per_day=5)

    lead.post(reverse("admin:orders_spendlimit_change", args=[limit.pk]), {"per_day": "99"})
    lead.post(reverse("admin:orders_spendlimit_delete", args=[limit.pk]), {"post": "yes"})

    assert SpendLimit.objects.get().per_day == 5


def test_lead_sets_the_limit_of_somebody_else(page_client, staff):
    lead, buyer = page_client("lead"), staff("operations")

    lead.post(reverse("admin:orders_spendlimit_add"), {"user": buyer.pk, "currency": "USD", "per_day": "7"})

    assert SpendLimit.objects.get().user == buyer


def test_alert_is_raised_while_something_waits(asked, now):
    watch(now=now)
    assert Alert.objects.open().filter(key="approval:orders").exists()

    Order.objects.update(status="cancelled", parked_reason="", parked_at=None, finished_at=now)
    watch(now=now)
    assert not Alert.objects.open().filter(key="approval:orders").exists()
