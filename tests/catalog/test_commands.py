"""`add_supplier` and `sync_catalog`: the JSON they print, their exit status, and that nothing is half done."""

import json

import pytest
from django.core.management import CommandError, call_command

from catalog import gateway
from catalog.models import Product, Supplier, SupplierEvent, SyncRun

pytestmark = pytest.mark.django_db
CANARY = "canary-9f27-secret"


@pytest.fixture
def command(capsys):
    """Run a command; `(exit status, what it printed)`, JSON read where it is JSON."""
    def run(*arguments):
        try:
            call_command(*arguments)
            status = 0
        except CommandError as error:
            capsys.readouterr()
            return error.returncode, str(error)
        except SystemExit as stopped:
            status = stopped.code
        printed = capsys.readouterr()
        assert CANARY not in printed.out + printed.err
        return status, json.loads(printed.out) if "--json" in arguments else printed.out
    return run


@pytest.fixture
def connecting_plexy(lab):
    given = [f"{name}={value}" for name, value in lab.credentials["plexy_gate"].items()]
    return ["add_supplier", "plexy-main", "--api", "plexy_gate", "--base-url", f"{lab.url}/plexy_gate/",
            "--credential", *given]


def test_adding_connects_and_tests(command, connecting_plexy, lab):
    status, told = command(*connecting_plexy, "--environment", "production", "--setting", "page_size=20", "--json")

    assert (status, told["supplier"], told["connected"]) == (0, "plexy-main", True)
    supplier = Supplier.objects.get()
    assert (supplier.base_url, supplier.environment) == (f"{lab.url}/plexy_gate", "production")
    assert supplier.settings == {"page_size": "20"}
    assert lab.credentials["plexy_gate"]["api_key"] not in str(Supplier.objects.values().get())
    assert SupplierEvent.objects.get().kind == "created"


def test_credentials_may_be_given_one_by_one(command, connecting_plexy, lab):
    key, agent = lab.credentials["plexy_gate"].items()
    arguments = [*connecting_plexy[:6], "--credential", f"{key[0]}={key[1]}", "--credential", f"{agent[0]}={agent[1]}"]

    assert command(*arguments, "--json")[0] == 0


def test_wrong_key_is_kept_and_told(command, connecting_plexy):
    status, told = command(*connecting_plexy[:7], f"api_key={CANARY}", "agent_id=1", "--json")

    assert (status, told["connected"]) == (1, False)
    assert Supplier.objects.get().name == "plexy-main"


def test_unreachable_address_is_kept_and_told(command, connecting_plexy):
    connecting_plexy[5] = "http://127.0.0.1:9/plexy_gate"

    status, told = command(*connecting_plexy, "--json")

    assert (status, told["connected"]) == (1, False)
    assert "refuses connections" in told["detail"]


@pytest.mark.parametrize(("change", "sentence"), [
    ({3: "carrier_pigeon"}, "no API called “carrier_pigeon”"),
    ({5: "https://evil.example/v1"}, "SUPPLIER_HOSTS"),
    ({5: "http://10.0.0.1/v1"}, "https"),
    ({5: "http://127.1/v1"}, "https"),
    ({5: "https://user:pw@api.example/v1"}, "user name"),
    ({5: "not an address"}, "address"),
    ({1: "Plexy Main!"}, "lower-case"),
    ({7: f"token={CANARY}"}, "no credential called token"),
    ({7: f"{CANARY}"}, "as NAME=VALUE"),
    ({7: "api_key="}, "needs api_key"),
])
def test_refused_connection_changes_nothing_and_says_one_line(command, connecting_plexy, change, sentence):
    for position, value in change.items():
        connecting_plexy[position] = value

    status, said = command(*connecting_plexy, "--json")

    assert status == 2
    assert sentence in said
    assert "\n" not in said
    assert CANARY not in said
    assert not Supplier.objects.exists()


def test_unknown_setting_is_refused(command, connecting_plexy):
    status, said = command(*connecting_plexy, "--setting", "colour=blue")

    assert (status, "no setting called colour" in said) == (2, True)


def test_new_supplier_needs_api_and_address(command):
    status, said = command("add_supplier", "plexy-main")

    assert (status, said) == (2, "plexy-main is a new supplier: it needs --api and --base-url.")


def test_changing_keeps_credentials_that_are_not_given(command, connecting_plexy):
    command(*connecting_plexy)

    status, told = command("add_supplier", "plexy-main", "--environment", "production", "--json")

    assert (status, told["connected"]) == (0, True)
    assert Supplier.objects.get().environment == "production"


def test_another_address_needs_the_credentials_again(command, connecting_plexy):
    command(*connecting_plexy)

    status, said = command("add_supplier", "plexy-main", "--base-url", "http://127.0.0.1:9/plexy_gate")

    assert status == 2
    assert "Another address needs them all again" in said
    assert gateway.check(Supplier.objects.get()).connected


def test_sync_tells_counts_of_each_supplier(command, plexy, giftapi):
    status, told = command("sync_catalog", "--json")

    assert status == 0
    assert list(told["suppliers"]) == ["giftapi", "plexy"]
    for found in told["suppliers"].values():
        assert found["status"] == "complete"
        assert found["created"] > 150
        assert (found["changed"], found["unchanged"], found["retired"]) == (0, 0, 0)
        assert found["pages"] > 0
        assert found["seconds"] > 0


def test_sync_of_one_supplier_leaves_the_others(command, plexy, giftapi):
    command("sync_catalog", "plexy", "--json")

    assert set(Product.objects.values_list("supplier__name", flat=True)) == {"plexy"}


def test_failed_sync_exits_with_1_and_says_how_far_it_came(command, plexy, giftapi, lab):
    lab.fail("plexy_gate", "listProducts", "page_error", times=None)

    status, told = command("sync_catalog", "--json")

    assert status == 1
    assert told["suppliers"]["giftapi"]["status"] == "complete"
    failed = told["suppliers"]["plexy"]
    assert (failed["status"], failed["created"], failed["pages"]) == ("failed", 0, 1)
    assert "products, page 2" in failed["error"]


def test_sync_of_an_unknown_supplier_is_refused_before_any_other(command, plexy):
    status, said = command("sync_catalog", "plexy", "nobody")

    assert (status, said) == (2, "There is no supplier called nobody. There are: plexy.")
    assert not SyncRun.objects.exists()


def test_sync_without_suppliers_is_done(command, db):
    assert command("sync_catalog", "--json") == (0, {"suppliers": {}})


def test_sync_beside_a_running_one_says_so(command, plexy, now):
    SyncRun.objects.create(supplier=plexy, started_at=now, heartbeat_at=now)

    status, told = command("sync_catalog", "--json")

    assert status == 1
    assert "is running since" in told["suppliers"]["plexy"]["error"]


def test_plain_output_is_one_line_for_each_supplier(command, plexy):
    status, printed = command("sync_catalog")

    assert status == 0
    assert printed.startswith("plexy: ")
    assert len(printed.splitlines()) == 1
