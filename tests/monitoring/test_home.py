"""The home page: what needs a person now, to those who may see it, in few queries."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from catalog.models import Supplier
from funding.models import Account
from monitoring import home
from monitoring.alerting import raise_alert
from monitoring.counting import counts
from monitoring.models import Heartbeat, ProbeResult

pytestmark = pytest.mark.django_db


def cry(now, **words):
    raise_alert(**{"key": "down:1", "severity": "critical", "title": "plexy does not answer", "text": "", "url": "/x/",
                   "now": now, **words})


def page(client, **options):
    return client.get(reverse("home"), **options).content.decode()


def test_waiting_orders_are_counted_and_linked(page_client, place, now):
    place("unknown", at=now - timedelta(hours=2)), place("parked"), place("completed", needs_review=True)

    board = page_client("operations").get(reverse("home")).context["board"]

    assert [(str(pile.title), pile.count, pile.url) for pile in board.work[:4]] == [
        ("Outcome unknown", 1, reverse("orders:unknown")), ("Parked", 1, reverse("orders:parked")),
        ("To approve", 0, reverse("orders:approvals")),
        ("To review", 1, f"{reverse('orders:list')}?status=review")]
    assert board.work[0].oldest_at == now - timedelta(hours=2)


def test_quiet_shop_says_so(page_client, now):
    for queue in ("orders", "catalog"):
        Heartbeat.objects.create(name=f"queue:{queue}", at=now)

    assert "Nothing needs you now." in page(page_client("operations"))


def test_dead_worker_is_shown(page_client, now):
    Heartbeat.objects.create(name="queue:orders", at=now - timedelta(minutes=4))
    Heartbeat.objects.create(name="queue:catalog", at=now)

    shown = page(page_client("operations"))

    assert "The orders queue stands still." in shown
    assert "The catalog queue stands still." not in shown


def test_open_alert_links_to_its_cause(page_client, now):
    cry(now)

    assert '<a href="/x/">plexy does not answer</a>' in page(page_client("operations"))


def test_hostile_alert_text_stays_text(page_client, now):
    cry(now, title="<script>alert(1)</script>")

    assert "<script>alert(1)" not in page(page_client("operations"))


def test_support_sees_no_money(page_client, account):
    board = page_client("support").get(reverse("home")).context["board"]

    assert board.accounts is None
    assert "500.00" not in page(page_client("support"))


def test_account_in_trouble_stands_first_and_is_never_left_out(page_client, account):
    for at in range(home.STRIP_SHOWN):
        Account.objects.create(supplier=account.supplier, currency=f"A{at:02}"[:3], state="ok")
    low, exhausted = (Account.objects.create(supplier=account.supplier, currency=name, state=state)
                      for name, state in (("ZZY", "low"), ("ZZZ", "exhausted")))

    shown = page_client("finance").get(reverse("home")).context["board"].accounts

    assert shown[:2] == [exhausted, low]


def test_todays_orders_are_totalled_per_currency_without_tests(page_client, place, now):
    place("completed"), place("completed"), place("completed", is_test=True)
    place("completed", at=now - timedelta(days=1))

    (row,) = page_client("operations").get(reverse("home")).context["board"].today

    assert (row.status, row.count, row.totals) == ("completed", 2, [(Decimal(20), "USD")])


def test_under_htmx_only_the_board_comes(page_client):
    shown = page(page_client("operations"), headers={"HX-Request": "true"})

    assert shown.lstrip().startswith('<div id="home-board"')


def test_strangers_sign_in_first(client):
    assert client.get(reverse("home")).url.startswith(reverse("login"))


@pytest.mark.parametrize("group", ["operations", "finance", "support", "lead", "auditor"])
def test_every_group_has_a_home(page_client, group, place, account, supplier, now):
    ProbeResult.objects.create(supplier=supplier, at=now, healthy=True, latency_ms=20)
    place("unknown")
    cry(now)

    assert page_client(group).get(reverse("home")).status_code == 200


def test_home_keeps_to_its_queries_however_much_there_is(page_client, place, account, now, django_assert_max_num_queries):
    client = page_client("lead")
    for number in range(8):
        Supplier.objects.create(name=f"s{number}", api="giftapi", base_url="http://127.0.0.1:9/")
        place("unknown"), place("parked")
        cry(now, key=f"down:{number}")

    with django_assert_max_num_queries(18):
        client.get(reverse("home"))


def test_long_reason_of_a_pause_is_cut_where_there_is_little_room(page_client, now):
    Supplier.objects.create(name="gift", api="giftapi", base_url="http://127.0.0.1:9/", paused_at=now,
                            paused_reason="x" * 200)

    shown = page(page_client("lead"))

    assert "x" * 99 in shown
    assert "x" * 101 not in shown


def test_navigation_counts_what_waits_in_one_query(page_client, place, now, django_assert_num_queries):
    place("unknown"), place("unknown", needs_review=True), place("parked"), place("completed")
    place("completed", needs_review=True)
    cry(now, key="threshold:1"), cry(now, key="sync:1"), cry(now, key="unknown:1"), cry(now, key="transactions:1")

    with django_assert_num_queries(1):
        counted = counts()

    assert counted == {"orders": 4, "unknown": 2, "parked": 1, "approvals": 0, "review": 1, "unmatched": 0,
                       "transactions": 1, "accounts": 1,
                       "sync_failed": 1, "alerts": 4}
