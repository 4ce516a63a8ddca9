"""The page of purchases that no order here explains."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_q.models import OrmQ

from orders.models import UnmatchedPurchase
from tests.pages.conftest import NOON

HTMX = {"HX-Request": "true"}
PAGE = "/orders/unmatched/"


@pytest.fixture
def make_purchase(supplier):
    def make(number=1, **columns):
        return UnmatchedPurchase.objects.create(**{
            "supplier": supplier, "supplier_order_id": f"9f1c2d7e-{number:04d}", "ref": "by-hand", "sku_ref": "sku-1",
            "word": "completed", "total": Decimal("9.40"), "currency": "USD", "ordered_at": NOON,
            "first_seen_at": NOON + timedelta(minutes=number), **columns})

    return make


def test_purchases_stand_newest_first_with_what_is_known(page_client, make_purchase):
    make_purchase(1)
    make_purchase(2, total=None, ordered_at=None)

    text = page_client("operations").get(PAGE).content.decode()

    assert text.index("9f1c2d7e-0002") < text.index("9f1c2d7e-0001")
    assert "9.40" in text
    assert "not told" in text


def test_goods_are_named_where_the_catalog_knows_them(page_client, make_purchase, make_sku):
    sku = make_sku()
    make_purchase(1, sku_ref=sku.supplier_ref)
    make_purchase(2, sku_ref="gone-long-ago")

    text = page_client("operations").get(PAGE).content.decode()

    assert sku.product.name in text
    assert "gone-long-ago" in text


def test_empty_page_says_why(page_client):
    assert "Every purchase has its order here" in page_client("support").get(PAGE).content.decode()


def test_readers_are_offered_no_decision(page_client, make_purchase):
    purchase = make_purchase()
    client = page_client("auditor")

    assert "Make it an order" not in client.get(PAGE).content.decode()
    assert client.post(reverse("orders:unmatched_adoption", args=[purchase.pk])).status_code == 403
    assert client.post(reverse("orders:unmatched_explanation", args=[purchase.pk]), {"text": "x"}).status_code == 403


def test_adoption_rings_the_queue_once_and_the_page_waits_for_it(page_client, make_purchase):
    purchase, client = make_purchase(), page_client("operations")

    for _ in range(2):
        answer = client.post(reverse("orders:unmatched_adoption", args=[purchase.pk]), follow=True)

    assert OrmQ.objects.count() == 1
    assert "Somebody has decided" in answer.content.decode()
    assert 'hx-trigger="every 3s"' in client.get(PAGE, headers=HTMX).content.decode()


def test_explanation_without_words_is_refused_at_the_field(page_client, make_purchase):
    purchase, client = make_purchase(), page_client("operations")

    refused = client.post(reverse("orders:unmatched_explanation", args=[purchase.pk]), {"text": " "})
    taken = client.post(reverse("orders:unmatched_explanation", args=[purchase.pk]), {"text": "By telephone"}, follow=True)

    assert refused.status_code == 422
    assert "Write what this purchase was" in refused.content.decode()
    assert "By telephone" in taken.content.decode()
    purchase.refresh_from_db()
    assert (purchase.state, purchase.by.get_username()) == ("explained", taken.context["user"].get_username())


def test_page_keeps_to_its_queries(page_client, make_purchase):
    client = page_client("operations")
    make_purchase(1)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        client.get(PAGE)
    for number in range(2, 30):
        make_purchase(number)
    with CaptureQueriesContext(connection) as many:
        client.get(PAGE)

    assert len(many) == len(few) <= 9
