"""The addresses that people bookmark and other systems call stay where they are."""

import pytest
from django.urls import Resolver404, resolve


@pytest.mark.parametrize("path", [
    "/", "/catalog/", "/orders/", "/orders/new/", "/funding/", "/monitoring/", "/admin/", "/login/", "/livez", "/readyz",
    "/metrics",
])
def test_stable_address_leads_somewhere(path):
    assert resolve(path).func


def test_unknown_address_leads_nowhere():
    with pytest.raises(Resolver404):
        resolve("/nowhere/")
