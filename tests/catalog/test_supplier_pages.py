"""The pages of connections: what a supplier can do, whether it answers, testing and pausing it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ

from catalog.models import Call, CircuitState, ConnectionTest, SupplierEvent

from .shop import fragment, text_of

pytestmark = pytest.mark.django_db


def test_supplier_page_shows_what_it_can_do_and_its_last_calls(client, supplier, now):
    Call.objects.create(
        supplier=supplier, operation="listProducts", method="GET", route="/products", is_read=True, started_at=now,
        duration_ms=12, status=200, outcome="answered", skew_s=1.5, key="7b0c6d4e-3f6f-4d5e-9f55-0d2e4b6f1a11",
        sealed_response="SEALED")

    page = text_of(client.get(f"/catalog/suppliers/{supplier.name}/"))

    assert "listProducts" in page
    assert "1.5 s ahead" in page
    assert "SEALED" not in page


def test_outcome_of_a_call_is_told_in_words(client, supplier, now):
    Call.objects.create(
        supplier=supplier, operation="getHealth", method="GET", route="/health", is_read=True, started_at=now,
        duration_ms=2, outcome="not_sent", key="7b0c6d4e-3f6f-4d5e-9f55-0d2e4b6f1a12")

    page = text_of(client.get(f"/catalog/suppliers/{supplier.name}/"))

    assert "not sent" in page
    assert "not_sent" not in page


def test_calls_are_shown_only_with_their_permission(page_client, supplier):
    assert "Last calls" not in text_of(page_client("finance").get(f"/catalog/suppliers/{supplier.name}/"))


def test_open_circuit_is_said_in_words(client, supplier, now):
    CircuitState.objects.create(supplier=supplier, state="open", changed_at=now, retry_at=now + timedelta(seconds=30))

    assert "has not been answering" in text_of(client.get(f"/catalog/suppliers/{supplier.name}/"))
    assert "Open" in text_of(client.get("/catalog/suppliers/"))


def test_pause_needs_a_reason_and_leaves_an_event(client, supplier):
    assert client.post(f"/catalog/suppliers/{supplier.name}/pause/", {"reason": " "}).status_code == 422
    client.post(f"/catalog/suppliers/{supplier.name}/pause/", {"reason": "wrong prices since noon"})

    supplier.refresh_from_db()
    event = SupplierEvent.objects.get()
    assert supplier.is_paused
    assert (event.kind, event.text, event.by) == ("paused", "wrong prices since noon", client.user)


def test_resuming_clears_the_pause(client, supplier):
    client.post(f"/catalog/suppliers/{supplier.name}/pause/", {"reason": "a"})
    client.post(f"/catalog/suppliers/{supplier.name}/resumption/", {"reason": "prices are right"})

    supplier.refresh_from_db()
    assert not supplier.is_paused
    assert list(SupplierEvent.objects.order_by("id").values_list("kind", flat=True)) == ["paused", "resumed"]


def test_pausing_twice_leaves_one_event(client, supplier):
    for _ in range(2):
        client.post(f"/catalog/suppliers/{supplier.name}/pause/", {"reason": "a"})

    assert SupplierEvent.objects.count() == 1


def test_auditor_may_not_pause(page_client, supplier):
    assert page_client("auditor").post(f"/catalog/suppliers/{supplier.name}/pause/", {"reason": "a"}).status_code == 403


def test_connection_test_is_a_task_and_the_page_polls_for_it(client, supplier, now):
    client.post(f"/catalog/suppliers/{supplier.name}/tests/")

    test = ConnectionTest.objects.get()
    answer = fragment(client, f"/catalog/suppliers/{supplier.name}/")
    assert (test.state, answer.status_code) == ("waiting", 200)
    assert "every 2s" in text_of(answer)

    ConnectionTest.objects.update(state="failed", detail="Key refused.", finished_at=now)
    answer = fragment(client, f"/catalog/suppliers/{supplier.name}/")
    assert answer.status_code == 286
    assert "Key refused." in text_of(answer)


def test_lost_test_stops_polling_and_may_be_asked_for_again(client, supplier, now):
    ConnectionTest.objects.create(supplier=supplier, requested_at=now - timedelta(minutes=3))

    answer = fragment(client, f"/catalog/suppliers/{supplier.name}/")
    assert answer.status_code == 286
    assert "No worker has picked the test up" in text_of(answer)

    client.post(f"/catalog/suppliers/{supplier.name}/tests/")
    assert ConnectionTest.objects.count() == 2


def test_impatient_person_gets_one_test(client, supplier):
    for _ in range(3):
        client.post(f"/catalog/suppliers/{supplier.name}/tests/")

    assert ConnectionTest.objects.count() == 1
    assert OrmQ.objects.count() == 1


def test_supplier_pages_need_few_queries(client, supplier):
    with CaptureQueriesContext(connection) as asked:
        client.get("/catalog/suppliers/")
    assert len(asked) <= 8

    with CaptureQueriesContext(connection) as asked:
        client.get(f"/catalog/suppliers/{supplier.name}/")
    assert len(asked) <= 14
