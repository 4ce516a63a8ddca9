"""A supplier that sells nothing and holds no money of ours: the rest of the house leaves it out, and says so."""

import json
import uuid

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from catalog import gateway
from catalog.models import Call, SyncRun
from catalog.suppliers import ports
from funding.models import Books
from monitoring import rounds, watching
from monitoring.models import Alert, ProbeResult

pytestmark = pytest.mark.django_db


def page(client, name, *args):
    return client.get(reverse(name, args=args)).content.decode()


def test_its_page_shows_what_it_has(wallet, page_client):
    text = page(page_client("lead"), "catalog:supplier", "wallet")

    assert "Game wallet" in text
    assert reverse("orders:transactions") + "?supplier=wallet" in text
    for pointless in ("Last syncs", "Sync now", "Products</dt>", "Pause…"):
        assert pointless not in text


def test_shop_keeps_its_panels(giftapi, page_client):
    text = page(page_client("lead"), "catalog:supplier", "giftapi")

    for panel in ("Last syncs", "Sync now", "Products</dt>", "Pause…"):
        assert panel in text
    assert "?supplier=giftapi\">Transactions" not in text


def test_lists_tell_that_it_has_no_catalog(wallet, page_client):
    assert "nothing sold there" in page(page_client("lead"), "catalog:suppliers")
    assert "Sync wallet now" not in page(page_client("lead"), "catalog:sync_runs")
    assert "has none" in page(page_client("lead"), "home")


@pytest.mark.parametrize("name", ["catalog:products", "orders:list", "funding:deposits", "funding:transactions"])
def test_lists_offer_no_filter_that_finds_nothing(wallet, giftapi, page_client, name):
    text = page(page_client("lead"), name)

    assert '<option value="giftapi"' in text
    assert '<option value="wallet"' not in text


def test_no_sync_can_be_started(wallet, page_client):
    assert page_client("lead").post(reverse("catalog:start_sync", args=["wallet"])).status_code == 404
    assert not SyncRun.objects.exists()


def test_connection_test_asks_something_harmless(wallet, lab):
    check = gateway.check(wallet)

    assert (check.connected, check.detail) == (True, "It answers over HTTP/2.")
    assert [json.loads(heard.body)["player_id"] for heard in lab.calls("game_wallet")] == [0]


def test_connection_test_tells_a_wrong_key(wallet):
    gateway.keep_credentials(wallet, {"provider_id": "7781", "access_key": "x", "private_key": "y"})

    check = gateway.check(wallet)

    assert not check.connected
    assert "does not let us in" in check.detail


def test_only_what_it_has_is_done_by_the_clock(wallet, now):
    counts = rounds.run_due(now=now)

    assert {kind: counts.get(kind, 0) for kind in ("probe", "balances", "books", "walk", "failed")} == {
        "probe": 1, "balances": 0, "books": 0, "walk": 0, "failed": 0}
    assert ProbeResult.objects.get().healthy
    assert not Books.objects.exists()


def test_commands_pass_it_over(wallet, giftapi, capsys):
    call_command("refresh_funding", "--json")

    assert list(json.loads(capsys.readouterr().out)["suppliers"]) == ["giftapi"]


@pytest.mark.parametrize("command", ["sync_catalog", "refresh_funding"])
def test_commands_refuse_it_by_name(wallet, command, capsys):
    with pytest.raises(CommandError, match="wallet: this supplier has nothing of the kind") as refused:
        call_command(command, "wallet")

    assert refused.value.returncode == 2


def test_refresh_on_the_page_leaves_it_alone(wallet, page_client):
    page_client("finance").post(reverse("funding:refresh"))

    assert not Books.objects.exists()


def test_setting_decides_whether_less_than_http2_will_do(wallet):
    assert not gateway.connect(wallet)._transport._require_http2
    wallet.settings = {"http1_fallback": "refuse"}

    assert gateway.connect(wallet)._transport._require_http2
    assert gateway.supports(wallet, ports.TransactionDesk)


def test_odd_setting_is_refused(wallet):
    wallet.settings = {"http1_fallback": "maybe"}

    with pytest.raises(gateway.NotConnected, match="give one of: warn, refuse"):
        gateway.connect(wallet)


@pytest.mark.parametrize(("spoken", "is_told"), [("HTTP/1.1", True), ("HTTP/2", False), ("", False)])
def test_person_is_told_of_an_older_protocol(wallet, giftapi, now, spoken, is_told):
    for supplier in (wallet, giftapi):  # one that was promised HTTP/2, and one that was not
        Call.objects.create(supplier=supplier, key=uuid.uuid4(), operation="x", method="POST", route="/", is_read=True,
                            started_at=now, duration_ms=1, outcome="answered", http_version=spoken)

    watching.watch(now=now)

    keys = Alert.objects.filter(key__startswith="protocol:").values_list("key", flat=True)
    assert list(keys) == ([f"protocol:{wallet.pk}"] if is_told else [])


def test_person_is_told_when_asking_has_ended(enter, ask, codes, now):
    watching.watch(now=now)
    assert not Alert.objects.filter(key__startswith="transactions:").exists()
    row = ask(enter("broken", at=now - rounds.WALK_AGE * 4), now)
    assert row.is_given_up

    watching.watch(now=now)

    alert = Alert.objects.get(key__startswith="transactions:")
    assert "1 transaction at wallet" in alert.title
    assert alert.url == reverse("orders:transactions") + "?status=given_up"
