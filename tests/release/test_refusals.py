"""Every command with --json refuses in one way: exit status 2, one line on standard error, nothing on standard output."""

import importlib

import pytest
from django.db import connections

from catalog.models import Product, Sku, Supplier, SupplierEvent
from orders.models import Order

pytestmark = pytest.mark.django_db
ROOMS = {"add_supplier": "catalog", "sync_catalog": "catalog", "refresh_funding": "funding", "probe_health": "monitoring",
         "place_order": "orders", "show_order": "orders", "run_due": "monitoring", "install": "monitoring"}
NOBODY = "Refused: There is no supplier called nobody. There is none yet: add_supplier makes one."
ADD = ("add_supplier", "plexy-main", "--api", "plexy_gate")


@pytest.fixture
def refused(monkeypatch, capsys):
    """Run a command as the command line does; the line it refuses with."""
    monkeypatch.setattr(connections, "close_all", lambda: None)

    def run(name, *arguments):
        command = importlib.import_module(f"{ROOMS[name]}.management.commands.{name}").Command()
        with pytest.raises(SystemExit) as ended:
            command.run_from_argv(["manage.py", name, *arguments, "--json"])
        told = capsys.readouterr()
        assert (ended.value.code, told.out, told.err.count("\n")) == (2, "", 1)
        return told.err.strip()

    return run


@pytest.mark.parametrize("command", [("sync_catalog", "nobody"), ("refresh_funding", "nobody"), ("probe_health", "nobody"),
                                     ("place_order", "nobody", "SKU-1")])
def test_unknown_supplier_is_refused_with_the_same_words(refused, command):
    assert refused(*command) == NOBODY


def test_unknown_supplier_is_refused_beside_a_known_one(refused, plexy):
    assert refused("sync_catalog", "plexy", "nobody") == "Refused: There is no supplier called nobody. There are: plexy."


@pytest.mark.parametrize(("command", "says"), [
    (("show_order", "P-404"), "There is no order P-404."),
    (("show_order",), "arguments are required: order"),
    (("place_order", "nobody"), "arguments are required: sku"),
    (("place_order", "nobody", "1", "--wait", "nan"), "--wait"),
    (("run_due", "--max-seconds", "soon"), "--max-seconds"),
    (("run_due", "--every", "0"), "more than zero"),
    (("install", "--everything"), "unrecognized arguments: --everything"),
    (("add_supplier", "x", "--environment", "moon"), "--environment"),
    (("add_supplier", "x"), "it needs --api and --base-url"),
    ((*ADD, "--base-url", "https://a.example", "--credential", "canary"), "Write each --credential as NAME=VALUE"),
])
def test_odd_argument_is_one_line(refused, command, says):
    line = refused(*command)

    assert line.startswith("Refused: ")
    assert says in line
    assert "canary" not in line


def test_several_errors_of_a_connection_stand_behind_their_options(refused):
    line = refused(*ADD[:1], "Plexy Main!", *ADD[2:], "--base-url", "https://a.example", "--setting", "colour=blue")

    places = [line.index(option) for option in ("NAME: ", "--base-url: ", "--credential api_key: ", "--setting: ")]
    assert places == sorted(places)
    assert ".." not in line
    assert not (Supplier.objects.exists() or SupplierEvent.objects.exists())


def test_order_out_of_bounds_names_the_option(refused, plexy, now):
    product = Product.objects.create(
        supplier=plexy, supplier_ref="p", name="Voucher", kind="voucher", first_seen_at=now, changed_at=now)
    sku = Sku.objects.create(
        supplier=plexy, product=product, supplier_ref="s", name="Voucher 10", price=10, currency="USD", denomination="fixed",
        first_seen_at=now, changed_at=now)

    line = refused("place_order", "plexy", sku.supplier_ref, "--quantity", "0", "--amount", "5")

    assert line == ("Refused: --quantity: Order at least 1. "
                    "--amount: This SKU has a fixed value; leave the amount out.")
    assert not Order.objects.exists()
