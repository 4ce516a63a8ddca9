"""Changing the secret that signs webhooks: on a page, in the admin, and never readable again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog import confirming
from catalog.models import Supplier, SupplierEvent

pytestmark = pytest.mark.django_db

PAGE, SECRET, RETIREMENT = (f"/catalog/suppliers/giftapi/{rest}" for rest in ("", "secret/", "secret/former/retirement/"))


@pytest.fixture
def lead(page_client):
    return page_client("lead")


def replace(client, secret="the new one", overlap="3600"):
    return client.post(SECRET, {"secret": secret, "overlap": overlap})


def test_new_secret_is_taken_and_the_former_one_stays_good(giftapi, lead, send, secret):
    assert replace(lead).status_code == 302

    assert [send(signed_by=one).status_code for one in (secret, "the new one")] == [200, 200]
    supplier = Supplier.objects.get()
    assert timedelta(minutes=59) < supplier.former_secret_until - timezone.now() <= timedelta(hours=1)


def test_only_two_are_good_at_a_time(giftapi, lead, send, secret):
    for one in ("second", "third"):
        replace(lead, one)

    assert [send(signed_by=one).status_code for one in (secret, "second", "third")] == [401, 200, 200]


def test_same_secret_again_ends_nothing(giftapi, lead, send, secret):
    replace(lead, "second")
    replace(lead, "second")

    assert [send(signed_by=one).status_code for one in (secret, "second")] == [200, 200]


def test_former_secret_is_retired_by_a_person(giftapi, lead, send, secret):
    replace(lead)
    lead.post(RETIREMENT)

    assert send(signed_by=secret).status_code == 401
    event = SupplierEvent.objects.latest("id")
    assert (event.text, event.by) == ("former webhook secret retired", lead.user)


def test_secrets_are_written_and_never_shown(giftapi, lead, secret):
    replace(lead, "a very new secret")
    supplier = Supplier.objects.get()

    pages = [lead.get(PAGE), lead.get(SECRET), lead.get(f"/admin/catalog/supplier/{supplier.pk}/change/")]
    refused = replace(lead, "a very new secret", overlap="17")

    for shown in (*pages, refused):
        assert "a very new secret" not in shown.content.decode()
        assert secret not in shown.content.decode()
    assert "a very new secret" not in supplier.former_secret + supplier.credentials
    assert not SupplierEvent.objects.filter(text__contains="very new").exists()


def test_odd_input_comes_back_with_what_is_wrong(giftapi, lead):
    assert replace(lead, "").status_code == 422
    assert replace(lead, overlap="17").status_code == 422
    assert replace(lead, "a\x01b").status_code == 422
    assert Supplier.objects.get().former_secret == ""


def test_admin_change_keeps_the_former_secret_for_a_day(giftapi, lead, send, secret):
    giftapi.refresh_from_db()
    lead.post(f"/admin/catalog/supplier/{giftapi.pk}/change/", {
        "base_url": giftapi.base_url, "environment": "sandbox", "is_active": "on",
        "credentials.partner_secret": "from the admin"})

    assert [send(signed_by=one).status_code for one in (secret, "from the admin")] == [200, 200]
    assert timedelta(hours=23) < Supplier.objects.get().former_secret_until - timezone.now() <= timedelta(hours=24)


def test_page_tells_the_address_and_how_long_the_former_secret_is_good(giftapi, lead, settings):
    settings.SITE_URL = "https://purser.shop.example"
    replace(lead)
    page = lead.get(PAGE).content.decode()

    assert "https://purser.shop.example/webhooks/giftapi/" in page
    assert "good until" in page


@pytest.mark.parametrize("group", ["operations", "auditor", "finance"])
def test_others_may_not_change_secrets(giftapi, page_client, group):
    client = page_client(group)

    assert [client.get(SECRET).status_code, replace(client).status_code, client.post(RETIREMENT).status_code] == [403] * 3
    assert "Change the secret" not in client.get(PAGE).content.decode()


def test_supplier_without_webhooks_has_no_secret_page(plexy, lead):
    assert lead.get("/catalog/suppliers/plexy/secret/").status_code == 404
    assert "/webhooks/plexy/" not in lead.get("/catalog/suppliers/plexy/").content.decode()


def test_password_is_asked_for_again_first(giftapi, lead, secret, send):
    session = lead.session
    session[confirming.CONFIRMED] = 0
    session.save()

    answers = [lead.get(SECRET), replace(lead), lead.post(RETIREMENT)]

    assert {answer["Location"].partition("?")[0] for answer in answers} == {"/confirm/"}
    assert send(signed_by="the new one").status_code == 401
