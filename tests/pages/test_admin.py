"""In the admin, orders and everything about them can be looked at and not touched."""

import pytest
from django.urls import reverse

from catalog.models import Product, Sku
from funding.models import Account, Entry
from orders.models import Esim, Observation, Order, Quote, Refund, Shortfall, SpendLimit

MODELS = ("order", "attempt", "unit", "event", "observation", "quote", "shortfall", "refund")


@pytest.fixture
def rows(make_order, make_unit, now):
    order = make_order()
    attempt = order.attempts.get()
    shortfall = Shortfall.objects.create(
        attempt=attempt, owed="2.50", returned="2.50", state="returned", since=now, ended_at=now)
    account = Account.objects.get(supplier=order.supplier, currency="USD")
    entry = Entry.objects.create(
        supplier=order.supplier, account=account, supplier_key="r-1", kind="transaction", status="posted", amount="2.50",
        currency="USD", occurred_at=now, first_seen_at=now)
    return {
        "order": order, "attempt": attempt, "unit": make_unit(order), "event": order.events.get(),
        "observation": Observation.objects.create(
            attempt=attempt, at=now, source="place", outcome="completed", rank=100, applied=True),
        "shortfall": shortfall,
        "refund": Refund.objects.create(shortfall=shortfall, entry=entry, is_named=True, bound_at=now),
        "quote": Quote.objects.create(sku=order.sku, quantity=1, request_digest="0" * 64, asked_at=now),
    }


@pytest.fixture
def owner(admin_user, client):
    client.force_login(admin_user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("name", MODELS)
def test_rows_are_shown(owner, rows, name):
    assert owner.get(reverse(f"admin:orders_{name}_changelist")).status_code == 200
    assert owner.get(reverse(f"admin:orders_{name}_change", args=[rows[name].pk])).status_code == 200


@pytest.mark.parametrize("name", MODELS)
def test_even_an_owner_changes_nothing(owner, rows, name):
    pk = rows[name].pk

    assert owner.get(reverse(f"admin:orders_{name}_add")).status_code == 403
    assert owner.post(reverse(f"admin:orders_{name}_change", args=[pk]), {"status": "failed"}).status_code == 403
    assert owner.post(reverse(f"admin:orders_{name}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    assert Order.objects.get().status == "completed"


@pytest.mark.parametrize("name", MODELS)
def test_search_works(owner, rows, name):
    assert owner.get(reverse(f"admin:orders_{name}_changelist"), {"q": "T-0001"}).status_code == 200


@pytest.mark.django_db
def test_limit_takes_a_currency_in_small_letters(owner):
    owner.post(reverse("admin:orders_spendlimit_add"), {"currency": "usd", "per_day": "20"})

    assert SpendLimit.objects.get().currency == "USD"


@pytest.mark.parametrize(("model", "name"), [(Sku, "SKUs"), (Esim, "sold eSIMs")])
def test_names_in_the_admin_are_spelt_as_people_spell_them(model, name):
    assert model._meta.verbose_name_plural == name


def test_kind_of_an_esim_is_spelt_as_people_spell_it():
    assert Product(kind="esim").get_kind_display() == "eSIM"
