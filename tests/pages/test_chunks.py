"""The page, the export and the command tell about each part of an order."""

import json
import uuid
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from catalog import vault
from orders.models import Attempt, Order


@pytest.fixture
def order_in_parts(make_order):
    """The first of two parts was bought, the second is parked for money."""
    order = make_order("parked", quantity=3, agreed_total=Decimal("15.60"))
    first = order.attempts.get()
    Attempt.objects.filter(pk=first.pk).update(
        state="accepted", outcome="completed", supplier_order_id="S-part-1", quantity=2, parked_reason="", parked_at=None,
        first_sent_at=order.created_at, last_sent_at=order.created_at, send_count=1)
    ref = str(uuid.uuid4())
    Attempt.objects.create(
        order=order, supplier=order.supplier, chunk=1, ref=ref, quantity=1, agreed_total=Decimal("5.20"), currency="USD",
        state="parked", parked_reason="funds", parked_at=order.parked_at, reason="Needs 5.20 USD",
        sealed_body=vault.seal("{}", place=f"attempt:{ref}:body"), body_digest="0" * 64, created_at=order.created_at,
        changed_at=order.created_at, queued_at=order.created_at)
    return order


def test_page_tells_how_far_each_part_is(order_in_parts, page_client):
    page = page_client("operations").get(reverse("orders:order", args=[order_in_parts.pk])).content.decode()

    assert "1 of 2 parts done" in page
    assert "Needs 5.20 USD" in page
    assert "Withdraw the rest" in page


def test_unknown_order_with_a_part_that_was_not_sent_can_withdraw_it(order_in_parts, page_client):
    Order.objects.filter(pk=order_in_parts.pk).update(status="unknown", parked_reason="", parked_at=None)
    client = page_client("operations")

    client.post(reverse("orders:withdrawal", args=[order_in_parts.pk]))

    assert set(order_in_parts.attempts.values_list("state", flat=True)) == {"accepted", "withdrawn"}
    assert Order.objects.get(pk=order_in_parts.pk).status == "partially_completed"


def test_order_is_found_by_the_suppliers_id_of_any_part(order_in_parts, page_client):
    client = page_client("operations")

    assert client.get(reverse("orders:list"), {"q": "S-part-1"}).url == reverse("orders:order", args=[order_in_parts.pk])


def test_export_names_every_order_at_the_supplier(order_in_parts, page_client):
    order_in_parts.attempts.filter(chunk=1).update(
        state="accepted", supplier_order_id="S-part-2", parked_reason="", parked_at=None, outcome="pending",
        first_sent_at=order_in_parts.created_at, last_sent_at=order_in_parts.created_at, due_at=order_in_parts.created_at)

    answer = page_client("operations").get(reverse("orders:export"))

    assert b"S-part-1 S-part-2" in b"".join(answer.streaming_content)


def test_command_tells_each_part(order_in_parts):
    out = StringIO()
    call_command("show_order", order_in_parts.reference, "--json", stdout=out)

    told = json.loads(out.getvalue())["attempts"]
    assert [(one["chunk"], one["quantity"], one["state"]) for one in told] == [(0, 2, "accepted"), (1, 1, "parked")]
