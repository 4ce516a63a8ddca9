"""What follows from a notice: the supplier is asked, once, and what it answers counts."""

from datetime import timedelta

import pytest

from catalog.models import Call
from funding.models import Books
from orders import inbox, noticing, sweep, tasks
from orders.models import Attempt, Event, Notice, Order
from tests.orders import shop

from . import sender

pytestmark = pytest.mark.django_db


def result():
    return Notice.objects.get().result


def dated(at):
    """As if the notices that wait had come at `at`."""
    Notice.objects.filter(result="waiting").update(received_at=at, due_at=at)


def hint(supplier, now, *, kind="order", **columns):
    """A stored notice, as the inbox leaves it."""
    return Notice.objects.create(
        supplier=supplier, event_key=f"key-{Notice.objects.count()}", body_digest="0" * 64, sealed_body="", kind=kind,
        event="e", received_at=now, last_received_at=now, due_at=now, **columns)


def test_notice_has_its_order_read_at_once(accepted, send, finish):
    finish(accepted)
    send(accepted)
    tasks.follow_notice(Notice.objects.get().pk)

    order = Order.objects.get()
    assert (order.status, order.attempts.get().units.count()) == ("completed", 1)
    assert (result(), Notice.objects.get().order, sender.fetches()) == ("read", order, 1)


def test_sweep_does_what_the_task_missed(accepted, send, finish, now):
    finish(accepted)
    send(accepted)
    dated(now)
    for seconds in (1, 7):
        sweep.run_due(now=now + timedelta(seconds=seconds))

    assert (Order.objects.get().status, result(), sender.fetches()) == ("completed", "read", 1)


def test_order_is_found_by_our_reference_alone(accepted, send, finish):
    finish(accepted)
    send(accepted, id="")
    tasks.follow_notice(Notice.objects.get().pk)

    assert (Order.objects.get().status, result()) == ("completed", "read")


@pytest.mark.fault("F49")
def test_what_the_notice_says_is_not_believed(accepted, send):
    """Its order is signed by nobody: here it tells of an end, another price and a code, and the supplier of none."""
    send(accepted, status="failed", total_amount=999)
    tasks.follow_notice(Notice.objects.get().pk)

    order, attempt = Order.objects.get(), Attempt.objects.get()
    assert (order.status, attempt.word, attempt.units.count()) == ("accepted", "processing", 0)
    assert order.charged_total == order.agreed_total
    assert result() == "read"


@pytest.mark.fault("F46")
def test_notice_before_the_answer_waits_for_it(sku, send, lab, now):
    """The order is on its way; the supplier has it, tells of it, and only then answers."""
    order = shop.confirmed(sku, now)
    attempt = shop.attempt_of(order)
    Attempt.objects.update(state="sending", lease_until=now + timedelta(seconds=90), send_count=1, first_sent_at=now,
                           last_sent_at=now, due_at=None)
    send(attempt)
    dated(now)
    tasks.follow_notice(Notice.objects.get().pk)
    assert (result(), Notice.objects.get().order, sender.fetches()) == ("waiting", order, 0)

    Attempt.objects.update(state="queued", lease_until=None, send_count=0, first_sent_at=None, last_sent_at=None, due_at=now)
    shop.sweep_at(now + timedelta(seconds=6))
    lab.books["giftapi"].settle(shop.attempt_of(order).supplier_order_id, "completed")
    for seconds in (12, 18):
        shop.sweep_at(now + timedelta(seconds=seconds))

    assert (Order.objects.get().status, result(), sender.fetches()) == ("completed", "read", 1)
    assert len(lab.books["giftapi"].purchases(attempt.ref)) == 1


@pytest.mark.fault("F46")
def test_notice_settles_an_order_whose_answer_was_lost(sku, send, lab, now):
    shop.fail(lab, sku, "reset", when="after")
    order = shop.confirmed(sku, now)
    shop.sweep_at(now)
    attempt = shop.attempt_of(order)
    assert attempt.state == "unknown"
    lab.books["giftapi"].settle(lab.books["giftapi"].purchases(attempt.ref)[0].id, "completed")
    Attempt.objects.update(due_at=now + timedelta(hours=1), looked_at=None)

    send(attempt, id=lab.books["giftapi"].purchases(attempt.ref)[0].id)
    tasks.follow_notice(Notice.objects.get().pk)

    assert (Order.objects.get().status, result()) == ("completed", "read")


@pytest.mark.fault("F47")
def test_many_notices_about_one_order_are_one_read_in_five_seconds(accepted, send, now):
    for came_after in (1, 2):
        for _ in range(10):
            send(accepted)
        dated(now + timedelta(seconds=came_after))
        shop.sweep_at(now + timedelta(seconds=came_after))

    assert sender.fetches() == 1
    for seconds in (3, 4, 5, 7, 8, 9, 12, 13, 14):
        shop.sweep_at(now + timedelta(seconds=seconds))
    assert sender.fetches() == 2
    assert set(Notice.objects.values_list("result", flat=True)) == {"read"}


@pytest.mark.fault("F48")
def test_notice_two_days_late_is_one_more_read(accepted, send, finish, now):
    finish(accepted)
    shop.sweep_at(now + timedelta(minutes=1))
    assert Order.objects.get().status == "completed"
    before = sender.fetches()

    late = now + timedelta(days=2)
    Attempt.objects.update(due_at=late + timedelta(days=1))
    send(accepted, status="processing")
    dated(late)
    for seconds in (1, 7):
        shop.sweep_at(late + timedelta(seconds=seconds))

    assert (Order.objects.get().status, sender.fetches(), result()) == ("completed", before + 1, "read")


@pytest.mark.fault("F48")
def test_polling_finds_the_end_without_any_notice(accepted, finish, now):
    finish(accepted)
    shop.sweep_at(now + timedelta(minutes=1))

    assert Order.objects.get().status == "completed"
    assert not Notice.objects.exists()


def test_notice_about_an_order_we_hold_for_refused_finds_it(accepted, send, finish, now):
    """The supplier tells of a purchase that we took for refused: it is looked for, and a person is told."""
    Attempt.objects.update(state="rejected", supplier_order_id=None, due_at=None)
    finish_id = accepted.supplier_order_id
    send(accepted, id=finish_id)
    tasks.follow_notice(Notice.objects.get().pk)

    order = Order.objects.get()
    assert order.needs_review
    assert "an attempt that is rejected" in order.events.filter(kind=Event.Kind.REVIEW).latest("id").text
    noticing.conclude(notice_id=Notice.objects.get().pk, now=now)
    assert result() == "read"


def test_notice_about_an_order_that_was_never_sent_is_checked_by_our_own_reference(sku, send, now):
    order = shop.confirmed(sku, now)
    Attempt.objects.update(due_at=now + timedelta(hours=1))
    send(shop.attempt_of(order))
    tasks.follow_notice(Notice.objects.get().pk)

    assert Call.objects.filter(operation="listOrders").count() == 1
    assert (Order.objects.get().status, result()) == ("queued", "waiting")


def test_event_about_an_order_we_do_not_know_is_kept_and_shown(send, now):
    send()
    dated(now)
    noticing.follow(notice_id=Notice.objects.get().pk, now=now + timedelta(seconds=1))
    assert result() == "waiting"

    noticing.follow(notice_id=Notice.objects.get().pk, now=now + timedelta(minutes=16))
    assert result() == "stranger"


def test_id_that_becomes_known_later_works_then(accepted, send, finish, now):
    """The notice names only the supplier's id, and the answer that tells it to us is still on its way."""
    known = accepted.supplier_order_id
    Attempt.objects.update(supplier_order_id=None, state="unknown", due_at=now + timedelta(hours=1))
    send(accepted, id=known, external_id="")
    dated(now)
    noticing.follow(notice_id=Notice.objects.get().pk, now=now + timedelta(seconds=1))
    assert result() == "waiting"

    Attempt.objects.update(supplier_order_id=known, state="accepted")
    finish(accepted)
    for seconds in (10, 16):
        shop.sweep_at(now + timedelta(seconds=seconds))

    assert (Order.objects.get().status, result()) == ("completed", "read")


def test_failed_read_leaves_the_notice_due(accepted, send, lab):
    lab.fail("giftapi", "getOrder", "error", times=3)
    send(accepted)
    tasks.follow_notice(Notice.objects.get().pk)

    assert result() == "waiting"


def test_notice_that_is_never_confirmed_is_given_up_after_a_day(accepted, now):
    notice = hint(accepted.supplier, now, ref=accepted.ref)
    noticing.follow(notice_id=notice.pk, now=now + timedelta(hours=25))

    notice.refresh_from_db()
    assert (notice.result, notice.due_at) == ("stuck", None)


def test_money_event_asks_for_the_books_and_ends_with_them(giftapi, now):
    notice = hint(giftapi, now, kind="money")
    noticing.follow(notice_id=notice.pk, now=now)
    assert Books.objects.get().asked_at == now

    Books.objects.update(tried_at=now + timedelta(seconds=2))
    noticing.follow(notice_id=notice.pk, now=now + timedelta(seconds=6))
    assert result() == "refreshed"


def test_many_money_events_are_one_refresh_in_half_a_minute(giftapi, now):
    Books.objects.create(supplier=giftapi, asked_at=now, tried_at=now)
    notices = [hint(giftapi, now + timedelta(seconds=1), kind="money") for _ in range(5)]
    for notice in notices:
        noticing.follow(notice_id=notice.pk, now=now + timedelta(seconds=2))
    assert Books.objects.get().asked_at == now

    for notice in notices:
        noticing.follow(notice_id=notice.pk, now=now + timedelta(seconds=40))
    assert Books.objects.get().asked_at == now + timedelta(seconds=40)


def test_event_that_nothing_follows_from_is_kept(giftapi, now):
    noticing.follow(notice_id=hint(giftapi, now, kind="other").pk, now=now)

    assert result() == "kept"


def test_one_worker_at_a_time_follows_a_notice(giftapi, now):
    notice = hint(giftapi, now, ref="x")
    noticing.follow(notice_id=notice.pk, now=now)
    noticing.follow(notice_id=notice.pk, now=now)

    notice.refresh_from_db()
    assert notice.tries == 1


def test_crash_leaves_it_due_and_the_others_go_on(accepted, send, finish, now, monkeypatch):
    poison = hint(accepted.supplier, now - timedelta(seconds=10), kind="other")
    monkeypatch.setitem(noticing.STEPS, "other", lambda notice, now: 1 / 0)
    finish(accepted)
    send(accepted)
    dated(now)

    done = sweep.run_due(now=now + timedelta(seconds=1))

    poison.refresh_from_db()
    assert (poison.result, poison.tries, done["crashed"]) == ("waiting", 1, 1)
    assert poison.due_at > now
    assert Order.objects.get().status == "completed"


def test_replay_asks_the_supplier_again(accepted, send, staff, now):
    mara = staff("operations")
    send(accepted)
    tasks.follow_notice(Notice.objects.get().pk)
    assert (result(), sender.fetches()) == ("read", 1)

    inbox.replay(notice=Notice.objects.get(), by=mara, now=now + timedelta(minutes=1))
    assert (result(), Notice.objects.get().replayed_by) == ("waiting", mara)
    for seconds in (61, 67):
        shop.sweep_at(now + timedelta(seconds=seconds))
    assert (result(), sender.fetches()) == ("read", 2)


def test_old_notices_are_forgotten_and_waiting_ones_are_not(giftapi, now):
    old, young, waiting = (hint(giftapi, now - timedelta(days=200), kind="other") for _ in range(3))
    noticing.follow(notice_id=old.pk, now=now - timedelta(days=91))
    noticing.follow(notice_id=young.pk, now=now - timedelta(days=89))

    assert noticing.forget(now=now) == 1
    assert set(Notice.objects.values_list("pk", flat=True)) == {young.pk, waiting.pk}
