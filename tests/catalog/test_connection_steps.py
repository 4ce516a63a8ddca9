"""A connection test says in plain words what each thing that can be wrong came to."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog import connecting, findings, gateway
from catalog.models import ConnectionTest, Supplier

pytestmark = pytest.mark.django_db(transaction=True)


def carried_out(supplier):
    """`{step: state}` of a test of the supplier as its row is now."""
    supplier = Supplier.objects.get(pk=supplier.pk)
    test = ConnectionTest.objects.create(supplier=supplier, requested_at=timezone.now() - timedelta(seconds=1))
    connecting.carry_out(test=test, now=timezone.now())
    test.refresh_from_db()
    return {one["step"]: one["state"] for one in test.steps}, test


def test_good_connection_passes_every_step(plexy):
    steps, test = carried_out(plexy)

    assert test.state == "connected"
    assert set(steps.values()) == {"ok"}


def test_signing_secret_that_only_orders_use_is_not_called_good(giftapi):
    assert carried_out(giftapi)[0]["signature"] == "untested"


def test_wrong_key_fails_at_the_key(plexy):
    gateway.keep_credentials(plexy, {"api_key": "wrong", "agent_id": "1"})

    steps, test = carried_out(plexy)

    assert (steps["host"], steps["key"], steps["answer"]) == ("ok", "failed", "untested")
    assert "API key" in next(one["text"] for one in test.steps if one["step"] == "key")


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x", "https://no-such-host.invalid"])
def test_host_that_cannot_be_reached_fails_at_the_host(plexy, settings, address):
    settings.SUPPLIER_HOSTS = ["no-such-host.invalid"]
    Supplier.objects.filter(pk=plexy.pk).update(base_url=address)

    steps, _ = carried_out(plexy)

    assert (steps["address"], steps["host"], steps["key"]) == ("ok", "failed", "untested")


def test_private_address_fails_at_the_address(plexy, settings):
    settings.SUPPLIER_ALLOW_LOCAL = False
    Supplier.objects.filter(pk=plexy.pk).update(base_url="https://10.0.0.1")

    steps, _ = carried_out(plexy)

    assert (steps["address"], steps["host"]) == ("failed", "untested")


def test_web_page_fails_at_the_answer(plexy, lab):
    lab.fail("plexy_gate", "*", "html", times=None)

    steps, _ = carried_out(plexy)

    assert (steps["key"], steps["answer"]) == ("ok", "failed")


def test_clock_that_is_off_fails_at_the_clock(plexy, lab):
    lab.fail("plexy_gate", "*", "clock_skew", seconds=120)

    steps, test = carried_out(plexy)

    assert (test.state, steps["clock"]) == ("connected", "failed")


def test_steps_stand_on_the_page(plexy, page_client):
    gateway.keep_credentials(plexy, {"api_key": "wrong", "agent_id": "1"})
    carried_out(plexy)

    page = page_client("lead").get(reverse("catalog:supplier", args=["plexy"])).content.decode()

    for title in findings.TITLES.values():
        assert str(title) in page
    assert "Not reached." in page
