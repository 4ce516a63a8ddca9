"""In the admin, orders and everything about them can be looked at and not touched."""

import pytest
from django.urls import reverse

from orders.models import Observation, Order, Quote

MODELS = ("order", "attempt", "unit", "event", "observation", "quote")


@pytest.fixture
def rows(make_order, make_unit, now):
    order = make_order()
    attempt = order.attempts.get()
    return {
        "order": order, "attempt": attempt, "unit": make_unit(order), "event": order.events.get(),
        "observation": Observation.objects.create(
            attempt=attempt, at=now, source="place", outcome="completed", rank=100, applied=True),
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
