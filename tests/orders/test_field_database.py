"""What the database does to an order in the field: away, silent after a commit, deadlocked, or an hour older than it was."""

import contextlib
import json
import threading
import uuid
from datetime import timedelta

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.urls import reverse

from catalog import clock, gateway
from funding import reserving
from orders import matching, observing, placing
from orders.models import Attempt, Observation, Order, UnmatchedPurchase
from tests.orders.shop import attempt_of, bought, confirmed, fail, operation, quoted, run_until, sweep_at
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


@pytest.mark.fault("F59")
def test_deadlock_is_over_at_the_second_try_and_leaves_nothing_half_written(sku, lab, books, now, monkeypatch):
    """Somebody holds the attempt and wants the account, while we hold the account and want the attempt."""
    fail(lab, sku, "close", when="after")
    order = run_until(confirmed(sku, now), now, stop=["unknown"])
    attempt, tries = attempt_of(order), []
    (placement,) = gateway.connect(sku.supplier).find(
        attempt.ref, sku_ref=sku.supplier_ref, since=now - timedelta(hours=1))
    apply = observing._apply
    monkeypatch.setattr(observing, "_apply", lambda *given: (tries.append(given), apply(*given))[1])
    held, other = threading.Event(), threading.Thread(target=lambda: hold_and_want(attempt, held))
    with connection.cursor() as cursor:
        cursor.execute("SET deadlock_timeout = '200ms'")  # we notice first, so it is us who are thrown out

    other.start()
    held.wait(30)
    observing.apply(attempt_id=attempt.pk, placement=placement, source=Observation.Source.FIND, now=now)
    other.join(30)
    connection.close()

    assert len(tries) == 2
    attempt.refresh_from_db()
    assert (attempt.state, attempt.observations.count(), attempt.units.count()) == ("accepted", 1, 1)
    assert (Order.objects.get().status, bought(books, order)) == ("completed", 1)


def hold_and_want(attempt, held):
    """Lock the attempt; once somebody waits for it, lock its account."""
    try:
        with transaction.atomic():
            Attempt.objects.select_for_update().get(pk=attempt.pk)
            held.set()
            with connection.cursor() as cursor:
                waits = False
                while not waits:
                    cursor.execute("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() "
                                   "AND wait_event_type = 'Lock')")
                    (waits,) = cursor.fetchone()
            reserving.lock(supplier_id=attempt.supplier_id, currency=attempt.currency)
    finally:
        connection.close()


@contextlib.contextmanager
def maintenance():
    """A connection beside the test's database, with nobody connected to that."""
    settings, name = connection.settings_dict, connection.settings_dict["NAME"]
    connection.close()
    with psycopg.connect(host=settings["HOST"], port=settings["PORT"], user=settings["USER"],
                         password=settings["PASSWORD"] or None, dbname="postgres", autocommit=True) as beside:
        beside.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield beside, f'"{name}"', f'"{name}_backup"'


@pytest.fixture
def backup():
    """`backup()` copies the database as it is; `backup.restore()` puts the copy in its place."""
    def take():
        with maintenance() as (beside, name, copy):
            beside.execute(f"CREATE DATABASE {copy} TEMPLATE {name}")

    def restore():
        with maintenance() as (beside, name, copy):
            beside.execute(f"DROP DATABASE {name}")
            beside.execute(f"ALTER DATABASE {copy} RENAME TO {name}")

    take.restore = restore
    yield take
    with maintenance() as (beside, _, copy):
        beside.execute(f"DROP DATABASE IF EXISTS {copy}")


@pytest.mark.fault("F80")
def test_restored_backup_of_an_hour_ago_buys_nothing_twice(sku, lab, books, now, backup, capsys):
    """What was queued then was bought since, and what was ordered since is not known any more."""
    if sku.supplier.api == "giftapi":
        lab.fail("giftapi", "createOrder", "allow_duplicates")
    matching.match(supplier=sku.supplier, now=clock.now())
    order = confirmed(sku, now)
    backup()
    order, forgotten = run_until(order, now), run_until(confirmed(sku, now), now)
    ref = attempt_of(forgotten).ref
    assert (order.status, forgotten.status, len(books.purchases())) == ("completed", "completed", 2)
    sent = len(lab.calls(sku.supplier.api, operation("createOrder", sku)))

    backup.restore()
    assert (Order.objects.get().status, attempt_of(order).send_count) == ("queued", 0)
    call_command("after_restore", "--json")
    told = json.loads(capsys.readouterr().out)
    order = run_until(order, clock.now() + timedelta(minutes=10))

    assert (order.status, bought(books, order), len(books.purchases())) == ("completed", 1, 2)
    assert len(lab.calls(sku.supplier.api, operation("createOrder", sku))) == sent
    assert (told["looked_up_first"], UnmatchedPurchase.objects.get(state="open").ref) == (1, ref)
