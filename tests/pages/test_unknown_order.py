"""The page of an unknown order: when the supplier was asked, what came back, when next, and what a person can do."""

from datetime import timedelta

import pytest
from django.urls import reverse

from catalog import clock
from orders.models import Attempt, Order

HTMX = {"HX-Request": "true"}
SAFE = "Do not place it a second time"


@pytest.fixture
def unknown(make_order):
    """A factory of unknown orders last looked at six minutes ago; without `due_in` they are left to a person."""

    def make(*, due_in, **columns):
        now = clock.now()
        order = make_order("unknown", at=now - timedelta(minutes=9), reason="Not found at the supplier", **columns)
        Attempt.objects.update(looked_at=now - timedelta(minutes=6), due_at=now + (due_in or timedelta(0)),
                               crash_count=5 if due_in is None else 0)
        return order

    return make


@pytest.fixture
def read(page_client):
    def page(order, group="operations", **headers):
        return page_client(group).get(reverse("orders:order", args=[order.pk]), headers=headers).content.decode()

    return page


@pytest.mark.parametrize(("due_in", "review", "says", "advice", "next_look"), [
    (timedelta(0), False, "is being asked right now", "Nothing: this page shows", "now"),
    (timedelta(minutes=3), False, "again in a few minutes", "Nothing is needed", "in 2 min"),
    (timedelta(hours=11, minutes=30), False, "asked again, but not soon", "asks at once", "in 11 h"),
    (timedelta(minutes=50), True, "a person has to look", "End review", "in 49 min"),
    (None, True, "a person has to look", "End review", "none is planned"),
])
def test_each_stage_tells_what_was_and_what_comes(unknown, read, due_in, review, says, advice, next_look):
    page = read(unknown(due_in=due_in, needs_review=review))

    told = page[page.index("What happens next"):page.index("At the supplier")]
    assert [words for words in (says, SAFE, "Last asked", "6 min ago", "Not found at the supplier", advice, next_look)
            if words not in told] == []
    assert "we are asking" not in told


def test_who_may_not_ask_is_told_who_can(unknown, read):
    page = read(unknown(due_in=timedelta(hours=1)), "auditor")

    assert "Tell operations or a lead" in page
    assert "Ask supplier now" not in page


def test_nobody_has_looked_yet_shows_when_it_was_sent(unknown, read):
    order = unknown(due_in=timedelta(minutes=3))
    Attempt.objects.update(looked_at=None)

    assert "9 min ago" in read(order).partition("What came back")[0].rpartition("Last asked")[2]


def test_page_changes_when_the_asking_begins(unknown, read):
    order = unknown(due_in=timedelta(minutes=3))
    page = read(order)
    seen = page.partition("?seen=")[2].partition('"')[0]
    Attempt.objects.update(due_at=clock.now())

    fresh = read(order, **HTMX)

    assert f"?seen={seen}" in page
    assert f"?seen={seen}" not in fresh


def test_list_tells_when_the_last_look_was(unknown, page_client):
    unknown(due_in=timedelta(hours=1))

    assert "6 min ago" in page_client("operations").get(reverse("orders:unknown")).content.decode()


def test_known_order_has_no_inquiry(make_order, read):
    assert "Last asked" not in read(make_order("completed"))
    assert Order.objects.get().status == "completed"
