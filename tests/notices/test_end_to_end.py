"""The suppliers' stand-ins send their webhooks over real HTTP, and spoil them the way the field does."""

import pytest

from catalog import gateway
from catalog.suppliers.types import ProductKind
from funding.models import Books
from orders import inbox, sweep
from orders.models import Attempt, Notice, NoticeRefusal, Order
from tests.lab_fixtures import connected
from tests.orders import shop

from . import sender

pytestmark = pytest.mark.django_db(transaction=True)
EVENT = "order.status_changed"


@pytest.fixture
def wired(giftapi, lab, live_server):
    """GiftAPI sends its webhooks to us, at once and with no time between two tries."""
    lab.webhooks.address("giftapi", f"{live_server.url}/webhooks/giftapi/")
    lab.webhooks.pace = 0
    return lab


@pytest.fixture
def told(wired, accepted):
    """`told()` lets the supplier complete the order and tell of it; gives the status of each of its tries."""

    def end(**fault):
        for name, options in fault.items():
            wired.fail("giftapi", EVENT, name, **options)
        wired.books["giftapi"].settle(accepted.supplier_order_id, "completed")
        if not wired.webhooks.settled():
            raise AssertionError("notices are still on their way")
        return [one.status for one in wired.webhooks.sent]

    return end


def follow():
    for pk in Notice.objects.values_list("pk", flat=True):
        sweep.run_notice(notice_id=pk, now=Notice.objects.get(pk=pk).due_at)


def test_notice_of_an_order_that_ended_has_it_read(told):
    assert told() == [200]
    follow()

    assert (Order.objects.get().status, Notice.objects.get().result) == ("completed", "read")


@pytest.mark.fault("F47")
@pytest.mark.parametrize("copies", [2, pytest.param(50, marks=pytest.mark.pg)])
def test_copies_are_one_row(told, copies):
    assert told(hook_twice={"copies": copies}) == [200] * copies
    assert Notice.objects.get().copies == copies
    follow()
    assert sender.fetches() == 1


@pytest.mark.fault("F48")
def test_late_notice_changes_nothing_that_polling_found(told, wired, accepted, now):
    assert told(hook_late={"seconds": 0}) == [200]
    Attempt.objects.update(due_at=now)
    shop.sweep_at(now)
    assert Order.objects.get().status == "completed"

    follow()
    assert Order.objects.get().status == "completed"


@pytest.mark.fault("F48")
def test_notice_that_never_comes_is_not_missed(told, accepted, now):
    assert told(hook_never={}) == []
    Attempt.objects.update(due_at=now)
    shop.sweep_at(now)

    assert Order.objects.get().status == "completed"


@pytest.mark.fault("F49")
def test_altered_notice_is_a_hint_like_any_other(told):
    assert told(hook_altered={}) == [200]
    follow()

    assert (Order.objects.get().status, Order.objects.get().attempts.get().units.count()) == ("completed", 1)


@pytest.mark.fault("F50")
@pytest.mark.parametrize(("fault", "status", "reason"), [
    ({"hook_bad_signature": {"times": None}}, 401, "signature"), ({"hook_stale": {"times": None}}, 401, "time"),
    ({"hook_oversized": {"times": None}}, 413, "size"),
], ids=["bad signature", "stale", "oversized"])
def test_spoiled_notices_are_refused_at_every_try(told, fault, status, reason):
    tries = told(**fault)

    assert set(tries) <= {status, None}  # a sender that is still writing may find the door closed
    assert not Notice.objects.exists()
    assert NoticeRefusal.objects.get().reason == reason


def test_octopus_tells_of_vouchers_and_of_money(db, lab, live_server, now):
    octopus = connected("octopus", "octopus_cards", lab)
    lab.webhooks.address("octopus_cards", f"{live_server.url}/webhooks/octopus/")
    lab.webhooks.pace = 0
    lab.books["octopus_cards"].deposit("USD", "100.00")
    assert lab.webhooks.settled()

    notice = Notice.objects.get()
    assert (notice.kind, notice.event, [one.status for one in lab.webhooks.sent]) == ("money", "wallet.credited", [200])
    assert gateway.supports(octopus, gateway.ports.Notices)
    sweep.run_notice(notice_id=notice.pk, now=notice.due_at)
    assert Books.objects.get().asked_at == notice.due_at


@pytest.mark.fault("F46")
def test_notice_arrives_before_the_answer_of_the_order(wired, sku, now, monkeypatch):
    """The supplier completes the order and tells of it while we still wait for its answer."""
    states, receive = [], inbox.receive
    monkeypatch.setattr(inbox, "receive", lambda **told: (states.append(Attempt.objects.get().state), receive(**told)))
    wired.books["giftapi"].pace(seconds=0)
    wired.fail("giftapi", EVENT, "hook_early")
    order = shop.confirmed(sku, now)
    shop.sweep_at(now)

    assert states == ["sending"]
    follow()
    assert (Order.objects.get().status, Notice.objects.get().order) == ("completed", order)
    assert len(wired.books["giftapi"].purchases(shop.attempt_of(order).ref)) == 1
    assert Attempt.objects.get().units.count() == 1


def test_octopus_voucher_order_of_seven_ends_by_its_webhook(db, lab, live_server, now):
    """More than five vouchers come later: the order is read when the webhook tells that it is delivered."""
    octopus, books = connected("octopus", "octopus_cards", lab), lab.books["octopus_cards"]
    octopus.settings = {"verticals": ["voucher"]}  # the other goods cost two more questions each to mirror
    octopus.save()
    lab.webhooks.address("octopus_cards", f"{live_server.url}/webhooks/octopus/")
    lab.webhooks.pace = 0
    books.pace(seconds=3600)
    sku = shop.mirror(octopus, lambda product, price: product.kind == ProductKind.VOUCHER and price.price
                      and price.price < 20 and price.currency == "USD", now)
    order = shop.confirmed(sku, now, quantity=7)
    shop.sweep_at(now)
    attempt = shop.attempt_of(order)
    assert (attempt.state, attempt.outcome) == ("accepted", "pending")

    books.settle(attempt.supplier_order_id.partition(":")[2], "completed")
    assert lab.webhooks.settled()
    notice = Notice.objects.get(event="order.delivered")
    assert (notice.supplier_order_id, notice.ref) == (attempt.supplier_order_id, attempt.ref)
    sweep.run_notice(notice_id=notice.pk, now=notice.due_at)

    assert (Order.objects.get().status, attempt.units.count()) == ("completed", 7)
    assert Notice.objects.get(pk=notice.pk).result == "read"
