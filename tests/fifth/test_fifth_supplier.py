"""A supplier that Purser has never heard of: one folder and one registry line, and everything else works."""

import json
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from catalog import connecting
from catalog.models import ConnectionTest, Sku, Supplier
from catalog.suppliers import registry
from funding.models import Account
from orders import delivery, sweep
from orders.models import Order
from tests.fifth.paper_cards.client import CREDENTIALS, SETTINGS, PaperCards
from tests.fifth.paper_cards.lab import KEY, Press
from tests.pages.flow import ask, confirm
from tests.people import confirm as confirm_password

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def press():
    press = Press()
    yield press
    press.stop()


@pytest.fixture
def fifth(press, monkeypatch, now):
    """The line in the registry, and a connection made the way the admin and add_supplier make it."""
    monkeypatch.setitem(registry.APIS, "paper_cards", registry.Api(
        "paper_cards", "Paper Cards", PaperCards, CREDENTIALS, SETTINGS))
    supplier = Supplier(name="paper", api="paper_cards", base_url=press.url)
    return connecting.connect(supplier=supplier, credentials={"key": KEY}, by=None, now=now)


@pytest.fixture
def shelf(fifth, now):
    call_command("sync_catalog", "paper", verbosity=0)
    call_command("refresh_funding", "paper", verbosity=0)
    return {sku.name: sku for sku in Sku.objects.filter(supplier=fifth).select_related("product")}


def work(now):
    for queued in OrmQ.objects.order_by("pk"):
        task = queued.task
        queued.delete()
        import_string(task["func"])(*task["args"], **task["kwargs"])
    sweep.run_due(now=now)


def test_its_catalog_is_mirrored_and_shown(shelf, page_client):
    page = page_client("operations").get(reverse("catalog:products"), {"q": "paper"}).content.decode()

    assert sorted(shelf) == ["Paper card 10 EUR", "Paper card 25 EUR"]
    assert "Paper card 25 EUR" in page


def test_its_card_is_ordered_on_the_pages_and_delivered(shelf, press, page_client, staff, now):
    client = page_client("operations")

    address, quote = ask(client, shelf["Paper card 10 EUR"], quantity=2, reference="WEB-5")
    confirm(client, address, quote)
    work(now)

    order = Order.objects.get(reference="WEB-5")
    shown = delivery.reveal(order=order, by=staff("support"), reason="The buyer waits", now=now)
    assert (order.status, order.currency) == ("completed", "EUR")
    assert [unit.code for unit in shown] == ["PAPER-P1-0", "PAPER-P1-1"]
    assert press.balance == Decimal("31.20")
    assert len(press.orders) == 1


def test_what_its_wallet_does_not_cover_waits(shelf, press, page_client, now):
    client = page_client("operations")
    address, quote = ask(client, shelf["Paper card 25 EUR"], quantity=3)

    confirm(client, address, quote)
    work(now)

    assert Order.objects.get().status == "parked"
    assert press.orders == {}


def test_its_balance_and_health_are_watched(shelf, page_client, capsys):
    call_command("probe_health", "paper", "--json")

    assert Account.objects.get(supplier__name="paper").available == Decimal("50.00")
    assert json.loads(capsys.readouterr().out)
    assert "paper" in page_client("finance").get(reverse("funding:accounts")).content.decode()
    assert "paper" in page_client("lead").get(reverse("monitoring:health")).content.decode()


def test_a_wrong_key_is_told_by_the_connection_test(fifth, staff, now):
    connecting.connect(supplier=fifth, credentials={"key": "wrong"}, by=None, now=now)

    connecting.ask_test(supplier=fifth, by=staff("lead"), now=now)
    work(now)

    test = ConnectionTest.objects.get()
    assert (test.state, test.detail) == ("failed", 'The supplier does not accept the key. It says: "who are you"')


def test_the_admin_asks_for_its_credentials(fifth, admin_client):
    confirm_password(admin_client)
    address = reverse("admin:catalog_supplier_add")
    choice = admin_client.get(address).content.decode()
    form = admin_client.get(address, {"api": "paper_cards"}).content.decode()

    assert 'href="?api=paper_cards"' in choice
    assert "Printed on the first delivery note." in form
