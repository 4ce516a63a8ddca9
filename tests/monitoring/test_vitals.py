"""The addresses that machines ask."""

import pytest

from catalog.models import Supplier

pytestmark = pytest.mark.django_db


def test_alive_asks_no_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/livez").content == b"ok\n"


def test_ready_with_database_and_keys(client):
    assert client.get("/readyz").json() == {"ready": True, "faults": []}


@pytest.mark.fault("F79")
def test_not_ready_when_a_credential_was_sealed_by_a_lost_key(client):
    Supplier.objects.create(name="plexy", api="plexy_gate", base_url="http://127.0.0.1/", credentials="0badc0de.x.y")

    response = client.get("/readyz")

    assert (response.status_code, response.json()["faults"]) == (503, ["credentials"])


@pytest.mark.fault("F79")
def test_not_ready_without_a_usable_key(client, settings):
    settings.FIELD_KEYS = ["bm8="]

    assert client.get("/readyz").json()["faults"] == ["keys"]


def test_metrics_refuse_strangers(client):
    assert client.get("/metrics").status_code == 403


def test_metrics_refuse_an_empty_token(client, settings):
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 403


def test_metrics_answer_the_token(client, settings):
    settings.METRICS_TOKEN = "a token for tests"

    response = client.get("/metrics", headers={"Authorization": "Bearer a token for tests"})

    assert b'purser_worker_alive{queue="orders"} 0.0' in response.content


def test_metrics_answer_staff(page_client):
    assert page_client("auditor").get("/metrics").status_code == 200
