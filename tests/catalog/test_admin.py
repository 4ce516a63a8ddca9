"""The admin: connections are edited without ever showing a secret; everything else is only read."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from django_q.models import OrmQ

from catalog import gateway, tasks
from catalog.models import Call, ConnectionTest, Product, Sku, Supplier, SupplierEvent
from catalog.suppliers import registry
from tests.people import confirm

pytestmark = pytest.mark.django_db
CANARY = "canary-9f27-secret"
ADD = "/admin/catalog/supplier/add/?api=plexy_gate"


@pytest.fixture
def lead(page_client):
    return page_client("lead")


@pytest.fixture
def plexy_form(lab):
    return {
        "name": "plexy-new", "base_url": f"{lab.url}/plexy_gate/", "environment": "sandbox",
        "is_active": "on",
        **{f"credentials.{name}": value for name, value in lab.credentials["plexy_gate"].items()}}


def add(client, form):
    return client.post(ADD, form)


def change(client, supplier, **changes):
    form = {"base_url": supplier.base_url, "environment": supplier.environment, "is_active": "on", **changes}
    return client.post(f"/admin/catalog/supplier/{supplier.pk}/change/", form)


def errors_of(page):
    return dict(page.context["adminform"].form.errors)


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
    add(lead, {**plexy_form, "credentials.api_key": CANARY})
    tasks.check_connection(ConnectionTest.objects.get().pk)

    page = lead.get("/catalog/suppliers/plexy-new/").content.decode()

    assert "Not connected" in page
    assert CANARY not in page


def test_secret_appears_nowhere_after_it_was_given(lead, plexy_form, caplog):
    add(lead, {**plexy_form, "credentials.api_key": CANARY})
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
    page = add(lead, {**plexy_form, "base_url": "https://evil.example", "credentials.api_key": CANARY})

    assert page.status_code == 200
    assert CANARY not in page.content.decode()
    assert "SUPPLIER_HOSTS" in page.content.decode()
    assert not Supplier.objects.exists()


@pytest.mark.parametrize(("field", "value", "sentence"), [
    ("base_url", "http://10.0.0.1/v1", "only be called over https"),
    ("base_url", "http://169.254.169.254/latest", "only be called over https"),
    ("name", "Plexy!", "lower-case"),
    ("credentials.api_key", "", "This field is required"),
])
def test_odd_connection_is_refused_with_a_sentence(lead, plexy_form, field, value, sentence):
    page = add(lead, {**plexy_form, field: value})

    assert sentence in page.content.decode()
    assert not Supplier.objects.exists()


def test_blank_credentials_keep_what_is_there(lead, plexy, lab):
    change(lead, plexy, environment="production", **{"credentials.api_key": ""})

    plexy.refresh_from_db()
    assert plexy.environment == "production"
    assert gateway.check(plexy).connected


def test_one_credential_may_be_replaced(lead, plexy):
    change(lead, plexy, **{"credentials.api_key": CANARY})

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
    change(lead, plexy, **{"settings.page_size": "25"})
    plexy.refresh_from_db()
    assert plexy.settings == {"page_size": "25"}

    page = change(lead, plexy, **{"settings.page_size": "many"})
    assert errors_of(page) == {"settings.page_size": ["Give a whole number from 1 to 500."]}
    plexy.refresh_from_db()
    assert plexy.settings == {"page_size": "25"}


def test_settings_can_be_given_at_once_and_say_what_blank_means(lead, plexy_form):
    form = lead.get(ADD).content.decode()
    add(lead, {**plexy_form, "settings.page_size": "25"})

    assert "How many rows we ask for per page. Blank: 50." in form
    assert Supplier.objects.get().settings == {"page_size": "25"}


def test_api_is_chosen_first(lead, lab):
    page = lead.get("/admin/catalog/supplier/add/").content.decode()

    assert [f'href="?api={name}"' in page for name in registry.APIS] == [True] * len(registry.APIS)
    assert "password" not in page


@pytest.mark.parametrize("query", ["", "?api=", "?api=carrier_pigeon"])
def test_nothing_is_kept_without_a_known_api(lead, plexy_form, query):
    page = lead.post(f"/admin/catalog/supplier/add/{query}", {**plexy_form, "api": "plexy_gate"})

    assert "Which API does it speak?" in page.content.decode()
    assert ("does not speak that API" in page.content.decode()) == bool(query)
    assert not Supplier.objects.exists()


@pytest.mark.parametrize("api", registry.APIS.values(), ids=list(registry.APIS))
def test_form_asks_for_what_its_api_declares_and_nothing_else(lead, api):
    form = lead.get(f"/admin/catalog/supplier/add/?api={api.name}").context["adminform"].form

    asked = {name for name in form.fields if "." in name}
    assert asked == {f"credentials.{name}" for name in api.credentials} | {f"settings.{name}" for name in api.settings}
    assert all(form.fields[name].label != name.partition(".")[2] and form.fields[name].help_text for name in asked)


def test_each_error_stands_at_its_field(lead, plexy_form):
    page = add(lead, {**plexy_form, "name": "Plexy!", "base_url": "", "credentials.api_key": "", "settings.page_size": "0"})

    assert set(errors_of(page)) == {"name", "base_url", "credentials.api_key", "settings.page_size"}
    assert "Plexy!" in page.content.decode()


def test_saving_too_late_keeps_what_was_typed_but_no_secret(lead, plexy_form):
    confirm(lead, at=timezone.now() - timedelta(minutes=11))
    page = add(lead, {**plexy_form, "credentials.api_key": CANARY, "settings.page_size": "25"})

    text = page.content.decode()
    wanted = ("Nothing was saved", "/confirm/?for=credentials", 'value="plexy-new"', 'value="25"')
    assert [words for words in wanted if words not in text] == []
    assert CANARY not in text
    assert not Supplier.objects.exists()


def test_change_that_comes_too_late_changes_nothing(lead, plexy):
    confirm(lead, at=timezone.now() - timedelta(minutes=11))

    page = change(lead, plexy, environment="production", **{"credentials.api_key": CANARY})

    assert "Nothing was saved" in page.content.decode()
    plexy.refresh_from_db()
    assert plexy.environment == "sandbox"
    assert gateway.check(plexy).connected


def test_connection_that_is_switched_off_is_not_tested(lead, plexy_form):
    del plexy_form["is_active"]

    page = lead.post(ADD, plexy_form, follow=True).content.decode()

    assert "it was not tested" in page
    assert not ConnectionTest.objects.exists()


def test_page_without_scripts_asks_again_until_the_test_is_done(lead, plexy_form):
    refreshing = '<noscript><meta http-equiv="refresh"'
    shown = add(lead, plexy_form).url
    assert refreshing in lead.get(shown).content.decode()

    tasks.check_connection(ConnectionTest.objects.get().pk)

    assert refreshing not in lead.get(shown).content.decode()


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
