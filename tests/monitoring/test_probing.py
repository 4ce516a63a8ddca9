"""Health probes against the lab, over real loopback HTTP."""

import json

import pytest
from django.core.management import CommandError, call_command

from monitoring.models import ProbeResult
from monitoring.probing import probe

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["plexy", "giftapi"])
def test_living_supplier_is_healthy(name, request, now):
    result = probe(supplier=request.getfixturevalue(name), now=now)

    assert (result.healthy, result.at) == (True, now)
    assert result.latency_ms >= 0


@pytest.mark.parametrize("fault", ["error", "reset", "close"])
def test_broken_answer_is_not_healthy(plexy, lab, fault, now):
    lab.fail("plexy_gate", "*", fault, times=None)

    result = probe(supplier=plexy, now=now)

    assert not result.healthy
    assert result.detail


def test_unreachable_supplier_is_not_healthy(plexy, now):
    plexy.base_url = "http://127.0.0.1:9/plexy_gate"
    plexy.save()

    assert not probe(supplier=plexy, now=now).healthy


def test_supplier_without_credentials_says_so(supplier, now):
    result = probe(supplier=supplier, now=now)

    assert (result.healthy, result.latency_ms) == (False, None)
    assert "no credentials" in result.detail


def test_wrong_key_is_not_healthy(giftapi, lab, now):
    lab.fail("giftapi", "*", "revoked", times=None)

    assert not probe(supplier=giftapi, now=now).healthy


def test_command_tells_each_supplier(plexy, giftapi, capsys):
    call_command("probe_health", json=True)

    told = json.loads(capsys.readouterr().out)["suppliers"]
    assert sorted(told) == ["giftapi", "plexy"]
    assert told["plexy"]["healthy"] is True
    assert told["plexy"]["circuit"] == "closed"
    assert told["plexy"]["latency_ms"] >= 0


def test_command_says_so_where_nothing_could_be_asked(giftapi, capsys):
    giftapi.base_url = "http://127.0.0.1:9/giftapi"
    giftapi.credentials = ""
    giftapi.save()

    call_command("probe_health", "giftapi")

    assert "giftapi: NOT healthy, not called, circuit closed." in capsys.readouterr().out


def test_command_refuses_an_unknown_name(plexy):
    with pytest.raises(CommandError, match="There is no supplier called nobody") as refusal:
        call_command("probe_health", "plexy", "nobody")

    assert refusal.value.returncode == 2
    assert not ProbeResult.objects.exists()
