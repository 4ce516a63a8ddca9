"""The admin: connections are edited without ever showing a secret; everything else is only read."""

import pytest
from django.contrib.admin.models import LogEntry
from django_q.models import OrmQ

from catalog import gateway, tasks
from catalog.models import Call, ConnectionTest, Product, Sku, Supplier, SupplierEvent

pytestmark = pytest.mark.django_db
CANARY = "canary-9f27-secret"


@pytest.fixture
def lead(page_client):
    return page_client("lead")


@pytest.fixture
def plexy_form(lab):
    return {
        "name": "plexy-new", "api": "plexy_gate", "base_url": f"{lab.url}/plexy_gate/", "environment": "sandbox",
        "is_active": "on",
        **{f"credential__plexy_gate__{name}": value for name, value in lab.credentials["plexy_gate"].items()}}


def add(client, form):
    return client.post("/admin/catalog/supplier/add/", form)


def change(client, supplier, **changes):
    form = {"base_url": supplier.base_url, "environment": supplier.environment, "is_active": "on", **changes}
    return client.post(f"/admin/catalog/supplier/{supplier.pk}/change/", form)


def test_new_supplier_is_connected_and_tested_by_a_task(lead, plexy_form):
    answer = add(lead, plexy_form)

    assert answer.url == "/catalog/suppliers/plexy-new/"
    test = ConnectionTest.objects.get()
    assert (test.state, OrmQ.objects.count()) == ("waiting", 1)
    tasks.check_connection(test.pk)
    test.refresh_from_db()
    assert test.state == "connected"
    assert "balances read" in lead.get(answer.url).content.decode()
    assert SupplierEvent.objects.get().by == lead.user


def test_wrong_key_shows_on_the_supplier_page(lead, plexy_form):
    add(lead, {**plexy_form, "credential__plexy_gate__api_key": CANARY})
    tasks.check_connection(ConnectionTest.objects.get().pk)

    page = lead.get("/catalog/suppliers/plexy-new/").content.decode()

    assert "Not connected" in page
    assert CANARY not in page


def test_secret_appears_nowhere_after_it_was_given(lead, plexy_form, caplog):
    add(lead, {**plexy_form, "credential__plexy_gate__api_key": CANARY})
    supplier = Supplier.objects.get()
    tasks.check_connection(ConnectionTest.objects.get().pk)

    seen = [lead.get(address).content.decode() for address in (
        f"/admin/catalog/supplier/{supplier.pk}/change/", "/admin/catalog/supplier/", "/catalog/suppliers/",
        f"/admin/catalog/supplier/{supplier.pk}/history/", "/catalog/suppliers/plexy-new/")]
    seen += [str(list(model.objects.values())) for model in (
        Supplier, SupplierEvent, ConnectionTest, Call, LogEntry, OrmQ)]
    seen += [caplog.text, repr(supplier)]

    assert not [text for text in seen if CANARY in text]
    assert gateway.has_credentials(supplier) == ("agent_id", "api_key")


def test_secret_is_not_shown_again_when_the_form_comes_back(lead, plexy_form):
    page = add(lead, {**plexy_form, "base_url": "https://evil.example", "credential__plexy_gate__api_key": CANARY})

    assert page.status_code == 200
    assert CANARY not in page.content.decode()
    assert "SUPPLIER_HOSTS" in page.content.decode()
    assert not Supplier.objects.exists()


@pytest.mark.parametrize(("field", "value", "sentence"), [
    ("base_url", "http://10.0.0.1/v1", "only be called over https"),
    ("base_url", "http://169.254.169.254/latest", "only be called over https"),
    ("api", "carrier_pigeon", "Select a valid choice"),
    ("name", "Plexy!", "lower-case"),
    ("credential__plexy_gate__api_key", "", "needs api_key"),
])
def test_odd_connection_is_refused_with_a_sentence(lead, plexy_form, field, value, sentence):
    page = add(lead, {**plexy_form, field: value})

    assert sentence in page.content.decode()
    assert not Supplier.objects.exists()


def test_blank_credentials_keep_what_is_there(lead, plexy, lab):
    change(lead, plexy, environment="production", credential__plexy_gate__api_key="")

    plexy.refresh_from_db()
    assert plexy.environment == "production"
    assert gateway.check(plexy).connected


def test_one_credential_may_be_replaced(lead, plexy):
    change(lead, plexy, credential__plexy_gate__api_key=CANARY)

    plexy.refresh_from_db()
    assert not gateway.check(plexy).connected
    event = SupplierEvent.objects.get()
    assert (event.text, event.by) == ("new api_key", lead.user)


def test_another_address_needs_the_credentials_again(lead, plexy, lab):
    page = change(lead, plexy, base_url="http://127.0.0.1:9/plexy_gate")

    assert "Another address needs them all again" in page.content.decode()
    plexy.refresh_from_db()
    assert gateway.check(plexy).connected


def test_settings_of_the_api_are_edited_by_name(lead, plexy):
    change(lead, plexy, setting__plexy_gate__page_size="25")
    plexy.refresh_from_db()
    assert plexy.settings == {"page_size": "25"}

    page = change(lead, plexy, setting__plexy_gate__page_size="many")
    assert "page_size" in page.content.decode()
    plexy.refresh_from_db()
    assert plexy.settings == {"page_size": "25"}


def test_name_and_api_stay(lead, plexy):
    change(lead, plexy, name="other", api="giftapi")

    plexy.refresh_from_db()
    assert (plexy.name, plexy.api) == ("plexy", "plexy_gate")


def test_supplier_cannot_be_deleted(lead, plexy):
    assert lead.post(f"/admin/catalog/supplier/{plexy.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Supplier.objects.exists()


def test_operations_may_not_edit_connections(page_client, plexy):
    client = page_client("operations")

    assert client.get(f"/admin/catalog/supplier/{plexy.pk}/change/").status_code in (302, 403)


def test_mirror_and_calls_are_only_read(admin_client, run_sync, shop, supplier, now):
    run_sync()
    call = Call.objects.create(
        supplier=supplier, operation="x", method="GET", route="/x", is_read=True, started_at=now, duration_ms=1,
        outcome="answered", key="7b0c6d4e-3f6f-4d5e-9f55-0d2e4b6f1a11", sealed_response="SEALED")
    rows = {"product": Product, "sku": Sku, "call": Call}

    for name, model in rows.items():
        row = model.objects.first()
        address = f"/admin/catalog/{name}/{row.pk}/change/"
        page = admin_client.get(address)
        assert page.status_code == 200
        assert "SEALED" not in page.content.decode()
        assert admin_client.post(address, {"name": "hacked"}).status_code == 403
        assert admin_client.get(f"/admin/catalog/{name}/add/").status_code == 403
        assert admin_client.get(f"/admin/catalog/{name}/").status_code == 200
    assert call.sealed_response == "SEALED"
