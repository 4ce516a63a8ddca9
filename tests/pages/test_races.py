"""The same form sent at once from two places."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from funding.models import Reservation
from orders import tasks
from orders.models import Attempt, Order, Quote

pytestmark = [pytest.mark.pg, pytest.mark.django_db(transaction=True)]


@pytest.mark.fault("F69")
def test_parallel_double_submit_is_one_order(page_client, sold_voucher):
    client = page_client("operations")
    token = str(client.get(reverse("orders:new"), {"sku": sold_voucher.pk}).context["form"]["token"].value())
    address = client.post(reverse("orders:quotes"), {"sku": sold_voucher.pk, "quantity": "1", "token": token})["Location"]
    quote = Quote.objects.get()
    tasks.fetch_quote(str(quote.pk))
    told = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}

    def press(_):
        browser = Client()
        browser.cookies = client.cookies
        try:
            return browser.post(reverse("orders:confirmation", args=[quote.pk]), told)["Location"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        locations = set(pool.map(press, range(6)))

    assert locations == {reverse("orders:order", args=[Order.objects.get().pk])}
    assert (Attempt.objects.count(), Reservation.objects.count()) == (1, 1)


def test_parallel_reveals_stay_under_the_cap(page_client, make_order, make_unit, settings):
    settings.REVEALS_PER_HOUR = 2
    orders = [make_order() for _ in range(6)]
    for number, order in enumerate(orders):
        make_unit(order, f"CANARY-{number}-77QX-Z1Z2")
    client = page_client("support")

    def press(order):
        browser = Client()
        browser.cookies = client.cookies
        try:
            return browser.post(reverse("orders:reveal", args=[order.pk]), {"reason": "Buyer asks"}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(press, orders))

    assert sorted(statuses) == [200, 200, 422, 422, 422, 422]
