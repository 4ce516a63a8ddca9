"""The page with the evidence about an unknown outcome, its verdicts and its claim."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog import clock
from catalog.models import Export, Supplier
from funding.models import Books
from orders.models import Attempt, Order

BUDGET = 24


@pytest.fixture
def order(make_order):
    return make_order("unknown")


def test_evidence_stands_beside_the_verdicts(page_client, order):
    text = page_client("operations").get(reverse("orders:evidence", args=[order.pk])).content.decode()

    assert "Money at risk" in text
    assert "The evidence does not allow this verdict" in text
    assert "No whole search has found it missing" in text
    assert order.attempts.get().ref in text


def test_unknown_list_leads_to_the_evidence(page_client, order):
    address = reverse("orders:evidence", args=[order.pk])

    assert f'href="{address}"' in page_client("operations").get(reverse("orders:unknown")).content.decode()


def test_excluded_verdict_comes_back_with_its_reason(page_client, order):
    attempt = order.attempts.get()

    refused = page_client("operations").post(
        reverse("orders:absence", args=[order.pk, attempt.pk]), {"text": "They say it never came"})

    assert refused.status_code == 422
    assert "Not settled." in refused.content.decode()
    assert Attempt.objects.get(pk=attempt.pk).state == "unknown"


def test_refused_number_of_an_order_is_still_in_its_field(page_client, order, make_order):
    taken = make_order()
    Attempt.objects.filter(order=taken).update(supplier_order_id="GA-77")

    refused = page_client("operations").post(
        reverse("orders:purchase", args=[order.pk, order.attempts.get().pk]), {"supplier_order_id": "GA-77"})

    assert refused.status_code == 422
    assert 'value="GA-77"' in refused.content.decode()


def test_desk_says_what_happens_next_and_offers_to_ask_now(page_client, order):
    address, question = reverse("orders:evidence", args=[order.pk]), reverse("orders:question", args=[order.pk])
    text = page_client("operations").get(address).content.decode()

    assert "Next look" in text or "is being asked right now" in text
    assert f'action="{question}"' in text
    assert f'action="{question}"' not in page_client("auditor").get(address).content.decode()


def test_verdict_that_is_allowed_leads_back_to_the_order(page_client, order):
    attempt = order.attempts.get()
    Attempt.objects.filter(pk=attempt.pk).update(absent_seen_at=attempt.unknown_since)
    Books.objects.update_or_create(supplier=order.supplier, defaults={"read_at": clock.now()})

    answer = page_client("operations").post(
        reverse("orders:absence", args=[order.pk, attempt.pk]), {"text": "Ticket 4711"}, follow=True)

    assert answer.redirect_chain[0][0] == reverse("orders:order", args=[order.pk])
    assert Order.objects.get(pk=order.pk).status == "cancelled"


def test_readers_see_the_evidence_and_no_verdict(page_client, order):
    client, attempt = page_client("auditor"), order.attempts.get()

    assert "Read that order" not in client.get(reverse("orders:evidence", args=[order.pk])).content.decode()
    for name in ("absence", "purchase", "repetition"):
        assert client.post(reverse(f"orders:{name}", args=[order.pk, attempt.pk]), {"text": "x"}).status_code == 403
    assert client.get(reverse("orders:claim_file", args=[order.pk])).status_code == 403


@pytest.mark.parametrize(("group", "sees"), [
    ("operations", {"calls", "books", "claim"}), ("lead", {"calls", "books", "claim"}),
    ("auditor", {"calls", "books", "claim"}), ("finance", {"books"}), ("support", set()),
])
def test_evidence_shows_what_its_reader_may_see_elsewhere(page_client, order, group, sees):
    text = page_client(group).get(reverse("orders:evidence", args=[order.pk])).content.decode()

    assert {name for name in ("calls", "books", "claim") if f'aria-label="{name.capitalize()}"' in text} == sees
    assert ("Claim about order" in text) is ("claim" in sees)
    assert "Money at risk" in text


@pytest.fixture
def missing(order):
    """It was not found long ago, at a supplier that refuses a second order under one reference."""
    attempt, then = order.attempts.get(), clock.now() - timedelta(hours=2)
    Supplier.objects.filter(pk=order.supplier_id).update(api="octopus_cards")
    Attempt.objects.filter(pk=attempt.pk).update(queued_at=then, absent_seen_at=then)
    Books.objects.update_or_create(supplier=order.supplier, defaults={"read_at": clock.now()})
    return attempt


def test_same_request_can_be_sent_again_where_the_supplier_refuses_repeats(page_client, order, missing):
    client = page_client("operations")
    assert "Send the same request again" in client.get(reverse("orders:evidence", args=[order.pk])).content.decode()

    answer = client.post(reverse("orders:repetition", args=[order.pk, missing.pk]), follow=True)

    assert answer.redirect_chain[0][0] == reverse("orders:order", args=[order.pk])
    assert Order.objects.get(pk=order.pk).status == "queued"


def test_request_that_must_not_go_again_has_no_button_and_its_press_says_why(page_client, order, missing):
    Supplier.objects.filter(pk=order.supplier_id).update(paused_at=clock.now())
    client = page_client("operations")
    text = client.get(reverse("orders:evidence", args=[order.pk])).content.decode()

    refused = client.post(reverse("orders:repetition", args=[order.pk, missing.pk]))

    assert "Send the same request again" not in text
    assert "is stopped. Resume it first." in text
    assert (refused.status_code, Attempt.objects.get(pk=missing.pk).state) == (422, "unknown")
    assert "Not settled. Buying at" in " ".join(re.sub("<[^>]*>", " ", refused.content.decode()).split())


def test_supplier_that_may_take_a_reference_twice_is_not_asked_that_way(page_client, order):
    text = page_client("operations").get(reverse("orders:evidence", args=[order.pk])).content.decode()

    assert "The buyer still wants it" not in text


def test_attempt_of_another_order_is_not_found(page_client, order, make_order):
    other = make_order("unknown").attempts.get()

    assert page_client("operations").post(
        reverse("orders:absence", args=[order.pk, other.pk]), {"text": "x"}).status_code == 404


def test_known_outcome_has_a_claim_and_no_verdict(page_client, make_order):
    text = page_client("operations").get(
        reverse("orders:evidence", args=[make_order("completed").pk])).content.decode()

    assert "The outcome is known" in text
    assert "Claim about order" in text


def test_claim_is_a_text_file_and_is_written_down(page_client, order):
    answer = page_client("operations").get(reverse("orders:claim_file", args=[order.pk]))

    assert answer["Content-Disposition"] == f'attachment; filename="claim-{order.reference}.txt"'
    assert order.attempts.get().ref in answer.content.decode()
    assert list(Export.objects.values_list("what", "filter", "rows")) == [("claim", order.reference, 1)]


def test_evidence_keeps_to_its_queries(page_client, order):
    client = page_client("operations")
    client.get(reverse("orders:evidence", args=[order.pk]))

    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("orders:evidence", args=[order.pk]))

    assert len(queries) <= BUDGET
