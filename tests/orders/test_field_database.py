"""What the database does to an order in the field: away, or silent after a commit."""

import contextlib
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from orders import placing
from orders.models import Order
from tests.orders.shop import bought, confirmed, quoted, run_until, sweep_at
from tests.pages.flow import ask
from tests.proxy import Proxy

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg]


@pytest.fixture
def through_proxy():
    """The test's own connection leads through a Proxy until the test ends."""
    settings = connection.settings_dict
    proxy, port = Proxy(int(settings["PORT"])), settings["PORT"]
    connection.close()
    settings.update(PORT=str(proxy.port))
    yield proxy
    connection.close()
    settings.update(PORT=port)
    proxy.stop()


@pytest.mark.fault("F54")
def test_page_says_that_nothing_is_placed_while_the_database_is_away(sku, books, page_client, through_proxy):
    client = page_client("operations")
    client.raise_request_exception = False
    _, quote = ask(client, sku)
    told = {"sku": sku.pk, "token": str(uuid.uuid4())}
    through_proxy.stop()
    connection.close()

    answer = client.post(reverse("orders:confirmation", args=[quote.pk]), told)

    assert answer.status_code == 503
    assert "one form never makes two orders" in answer.content.decode()
    assert books.purchases() == []


@pytest.mark.fault("F55")
@pytest.mark.parametrize("lost", [1, 3])
def test_word_on_a_commit_that_is_lost_makes_one_order(sku, books, now, through_proxy, lost):
    wanted, quote = quoted(sku, now)
    token = uuid.uuid4()
    through_proxy.lose_commits(lost)

    for _ in range(4):  # the person presses the button again until a page comes
        with contextlib.suppress(Exception):
            placing.confirm(token=token, sku=sku, terms=wanted, quote=quote, reference="", by=None, now=now)

    through_proxy.lose_commits(0)
    assert through_proxy.struck == lost
    order = run_until(Order.objects.get(submission_token=token), now)
    assert (order.status, bought(books, order)) == ("completed", 1)


@pytest.mark.fault("F55")
def test_word_on_the_commit_of_a_claim_that_is_lost_buys_once(sku, books, now, through_proxy):
    order = confirmed(sku, now)
    through_proxy.lose_commits(2)
    for second in (0, 1, 2):
        with contextlib.suppress(Exception):
            sweep_at(now + timedelta(seconds=second))
        connection.close()

    through_proxy.lose_commits(0)
    order = run_until(order, now + timedelta(seconds=3), hours=3)

    assert (order.status, bought(books, order)) == ("completed", 1)
