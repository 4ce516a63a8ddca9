"""The gateway: who can be called, with what, and that nobody calls inside a transaction."""

import os
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from catalog import gateway
from catalog.models import Call, CircuitState, Supplier
from catalog.suppliers import ports
from catalog.suppliers.errors import CircuitOpen, Forbidden

pytestmark = pytest.mark.django_db


def test_connected_supplier_answers_the_check(plexy, giftapi):
    assert gateway.check(plexy).connected
    assert gateway.check(giftapi).connected


def test_wrong_key_is_not_connected(plexy, lab):
    gateway.keep_credentials(plexy, {**lab.credentials["plexy_gate"], "api_key": "wrong"})

    result = gateway.check(plexy)

    assert not result.connected
    assert "wrong" not in result.detail


def test_unreachable_host_is_not_connected(plexy):
    plexy.base_url = "http://127.0.0.1:9/plexy_gate"

    result = gateway.check(plexy)

    assert not result.connected
    assert "refuses connections" in result.detail


@pytest.fixture
def held_back(plexy):
    """Plexy Gate, whose circuit is open for another half a minute."""
    now = timezone.now()
    CircuitState.objects.create(supplier=plexy, state="open", changed_at=now, retry_at=now + timedelta(seconds=30))
    return plexy


def test_check_looks_for_itself_while_calls_are_held_back(held_back):
    assert gateway.check(held_back).connected

    held_back.base_url = "http://127.0.0.1:9/plexy_gate"
    assert "refuses connections" in gateway.check(held_back).detail
    with pytest.raises(CircuitOpen):
        gateway.connect(held_back).balances()


@pytest.mark.parametrize(("change", "sentence"), [
    ({"api": "carrier_pigeon"}, "does not know: carrier_pigeon"),
    ({"credentials": ""}, "has no credentials yet"),
    ({"credentials": "x.y.z"}, "cannot be read"),
    ({"is_active": False}, "switched off"),
    ({"settings": {"page_size": "many"}}, "page_size"),
])
def test_what_hinders_a_connection_is_said_in_plain_words(plexy, change, sentence):
    for name, value in change.items():
        setattr(plexy, name, value)

    with pytest.raises(gateway.NotConnected, match=sentence):
        gateway.connect(plexy)


def test_missing_credential_is_named(plexy):
    gateway.keep_credentials(plexy, {"api_key": "only this one"})

    with pytest.raises(gateway.NotConnected, match="agent_id") as caught:
        gateway.connect(plexy)
    assert "only this one" not in str(caught.value)


def test_credentials_do_not_open_for_another_supplier(plexy):
    other = Supplier(name="other", api=plexy.api, base_url=plexy.base_url, credentials=plexy.credentials)

    with pytest.raises(gateway.NotConnected, match="cannot be read"):
        gateway.connect(other)


def test_credentials_are_sealed_and_not_in_the_repr(plexy, lab):
    secret = lab.credentials["plexy_gate"]["api_key"]
    client = gateway.connect(plexy)

    assert secret not in plexy.credentials
    assert secret not in repr(plexy)
    assert secret not in repr(client)


def test_call_inside_a_transaction_is_refused(plexy):
    client = gateway.connect(plexy)

    with transaction.atomic(), pytest.raises(RuntimeError, match="inside a database transaction"):
        client.balances()
    assert not Call.objects.exists()


def test_client_is_kept_until_the_connection_changes(plexy, lab):
    client = gateway.connect(plexy)
    assert gateway.connect(Supplier.objects.get(pk=plexy.pk)) is client

    gateway.keep_credentials(plexy, lab.credentials["plexy_gate"])

    assert gateway.connect(plexy) is not client


def test_each_thread_has_its_own_client(plexy):
    found = []

    def connect():
        found.append(gateway.connect(plexy))
        connection.close()

    thread = threading.Thread(target=connect)
    thread.start()
    thread.join()

    assert found[0] is not gateway.connect(plexy)


def test_client_is_not_carried_into_another_process(plexy, monkeypatch):
    client = gateway.connect(plexy)
    parents = gateway._kept.clients

    with monkeypatch.context() as child:
        child.setattr(os, "getpid", lambda: -1)
        childs = gateway.connect(plexy)

    assert childs is not client
    assert client in [kept for _, kept, _ in parents.values()]


def test_foreign_host_is_never_called(plexy, settings):
    settings.SUPPLIER_ALLOW_LOCAL = False
    plexy.settings = {"page_size": 7}

    with pytest.raises(Forbidden):
        gateway.connect(plexy).balances()


def test_unknown_api_supports_nothing(plexy):
    plexy.api = "carrier_pigeon"

    assert not gateway.supports(plexy, ports.Till)
