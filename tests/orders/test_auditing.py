"""The nightly check: silent in a shop that works, and each rule noticed when it is broken."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from catalog.models import Call
from funding import refreshing, reserving
from funding.models import Account, Books, Entry, Reservation
from monitoring import auditing as nightly
from monitoring import rounds
from monitoring.models import Alert
from orders import auditing
from orders.models import Attempt, Observation, Order, Unit

from .shop import confirmed, fail, number, run_until

LATER = timedelta(days=3)


def found(now):
    return {name for name, findings in nightly.check(now=now).found.items() if findings}


def test_shop_that_works_gives_nothing_to_find(sku, lab, books, now):
    run_until(confirmed(sku, now), now)
    confirmed(sku, now)
    fail(lab, sku, "hold")
    order = run_until(confirmed(sku, now), now, stop=["accepted"])
    books.settle(number(order), "failed")
    run_until(order, now, hours=2)
    refreshing.refresh(supplier=sku.supplier, now=now)

    checked = nightly.check(now=now + LATER)

    assert (checked.found, checked.crashed) == ({name: [] for name in auditing.CHECKS}, [])


def observe(attempt, at, outcome, rank):
    Observation.objects.create(attempt=attempt, at=at, source="fetch", outcome=outcome, rank=rank, applied=True)


def call(attempt, at, **columns):
    return Call.objects.create(**{
        "supplier": attempt.supplier, "operation": "createOrder", "method": "POST", "route": "/orders", "ref": attempt.ref,
        "is_read": False, "started_at": at, "duration_ms": 1, "outcome": "unanswered", "key": uuid.uuid4(),
        "request_digest": attempt.body_digest, **columns})


@pytest.fixture
def read_books(account, noon):
    """Books that were read to the end two days after noon, and began a day before it."""
    Books.objects.create(supplier=account.supplier, read_at=noon + timedelta(days=2))
    type(account.supplier).objects.update(created_at=noon - timedelta(days=9))

    def row(amount, order_id, at=noon):
        return Entry.objects.create(
            supplier=account.supplier, account=account, kind="transaction", supplier_key=str(uuid.uuid4()), word="charge",
            status="posted", amount=Decimal(amount), currency="USD", order_id=order_id, occurred_at=at, first_seen_at=at)

    row("500.00", "", noon - timedelta(days=1))
    return row


@pytest.fixture
def breaks(make_attempt, account, read_books, noon):
    """How each rule is broken."""

    def held():
        make_attempt("unknown")
        Reservation.objects.update(state="released", released_at=noon)

    def freed():
        attempt = make_attempt("withdrawn")
        with transaction.atomic():
            place = reserving.lock(supplier_id=attempt.supplier_id, currency="USD")
            reserving.reserve(account=place, attempt_ref=attempt.ref, amount=Decimal(1), now=noon)

    def spent_and_freed():
        attempt = make_attempt("queued")
        Reservation.objects.update(state="released", released_at=noon)
        Attempt.objects.filter(pk=attempt.pk).update(state="accepted", supplier_order_id="there-1")

    def sent():
        first, second = make_attempt("accepted"), make_attempt("withdrawn")
        Attempt.objects.filter(pk=second.pk).update(order=first.order_id, n=2)

    def fence():
        attempt = make_attempt("unknown")
        for seconds in (0, 299):
            call(attempt, noon + timedelta(seconds=seconds))

    def forward():
        attempt = make_attempt("accepted")
        observe(attempt, noon, "partial", 20)
        observe(attempt, noon, "pending", 10)

    def readable():
        Unit.objects.create(attempt=make_attempt("accepted"), ordinal=1, fingerprint="f", sealed="garbage", created_at=noon)

    def charged():
        attempt = make_attempt("accepted", outcome="completed", supplier_order_id="there-1")
        observe(attempt, noon, "completed", 100)

    def chained():
        Account.objects.update(first_break=read_books("-1.00", ""))

    return {
        "held": held, "freed": freed, "freed ": spent_and_freed, "proven": lambda: make_attempt("rejected"), "sent": sent,
        "bytes": lambda: call(make_attempt("unknown"), noon, request_digest="f" * 64), "fence": fence, "forward": forward,
        "delivered": lambda: make_attempt("accepted", outcome="completed"), "readable": readable, "charged": charged,
        "explained": lambda: read_books("-5.20", "nobodys"), "owed": lambda: make_attempt("accepted", outcome="failed"),
        "chained": chained}


@pytest.mark.parametrize("rule", [*auditing.CHECKS, "freed "])
def test_broken_rule_is_found(breaks, noon, rule):
    assert rule.strip() not in found(noon + LATER)

    breaks[rule]()

    assert rule.strip() in found(noon + LATER)


@pytest.mark.parametrize(("came", "seconds"), [("answered", 1), ("unanswered", 301), ("not_sent", 1)])
def test_resend_that_no_copy_can_cross_is_allowed(make_attempt, noon, came, seconds):
    attempt = make_attempt("unknown")
    call(attempt, noon, outcome=came)
    call(attempt, noon + timedelta(seconds=seconds))

    assert "fence" not in found(noon + LATER)


@pytest.mark.parametrize("order_id", ["there-1", "there-2"])
def test_charge_of_the_order_itself_is_the_one_that_counts(make_attempt, read_books, noon, order_id):
    make_attempt("accepted", outcome="completed", supplier_order_id="there-1")
    read_books("-5.20", order_id)

    assert ("charged" in found(noon + LATER)) == (order_id != "there-1")


def test_charge_of_yesterday_may_still_be_on_its_way_to_the_books(make_attempt, read_books, noon):
    make_attempt("accepted", outcome="completed", supplier_order_id="there-1")
    Attempt.objects.update(changed_at=noon + timedelta(days=1, hours=1))

    assert "charged" not in found(noon + LATER)


def test_each_finding_is_one_alert_with_the_way_to_its_order(make_attempt, noon):
    attempt = make_attempt("rejected")

    for _ in range(2):
        nightly.audit(now=noon)

    alert = Alert.objects.get()
    assert (alert.severity, alert.url) == ("critical", f"/orders/{attempt.order_id}/")
    assert attempt.ref in alert.title


def test_alert_goes_when_the_finding_does(make_attempt, noon):
    attempt = make_attempt("rejected")
    nightly.audit(now=noon)
    observe(attempt, noon, "rejected", 100)

    nightly.audit(now=noon + timedelta(days=1))

    assert Alert.objects.get().resolved_at is not None


def test_check_that_crashes_stops_no_other_and_takes_no_alert_away(make_attempt, noon, monkeypatch):
    make_attempt("rejected")
    nightly.audit(now=noon)
    monkeypatch.setitem(auditing.CHECKS, "proven", auditing.Check("Odd.", lambda now: 1 / 0))

    audited = nightly.audit(now=noon + timedelta(days=1))

    assert (audited.crashed, set(audited.found)) == (["proven"], set(auditing.CHECKS) - {"proven"})
    assert Alert.objects.open().exists()


def test_many_findings_are_cut_and_none_is_taken_back_for_it(make_attempt, noon, monkeypatch):
    monkeypatch.setattr(nightly, "MOST", 2)
    for _ in range(3):
        make_attempt("rejected")

    audited = nightly.audit(now=noon)

    assert (len(audited.found["proven"]), Alert.objects.open().count()) == (2, 2)
    assert nightly.audit(now=noon + timedelta(days=1)).resolved == 0


@pytest.mark.django_db(transaction=True)
def test_check_cannot_write(make_attempt, noon, monkeypatch):
    make_attempt("queued")

    def writes(now):
        Order.objects.update(reason="Looked at")
        return iter(())

    monkeypatch.setitem(auditing.CHECKS, "held", auditing.Check("Odd.", writes))

    assert nightly.check(now=noon).crashed == ["held"]
    with transaction.atomic():
        assert Order.objects.update(reason="Written") == 1


def test_command_prints_and_ends_with_one_where_something_is_wrong(make_attempt, capsys):
    call_command("check_money")
    assert "ok  Money is set aside" in capsys.readouterr().out
    attempt = make_attempt("rejected")

    with pytest.raises(CommandError) as refused:
        call_command("check_money")

    assert refused.value.returncode == 1
    assert f"/orders/{attempt.order_id}/" in capsys.readouterr().out
    assert not Alert.objects.exists()


def test_round_checks_once_a_day(make_attempt, noon):
    make_attempt("rejected")

    assert rounds.audit(now=noon)
    assert not rounds.audit(now=noon + timedelta(hours=1))
    assert rounds.audit(now=noon + timedelta(days=1))


def test_unexplained_charges_cost_no_query_each(read_books, noon, django_assert_max_num_queries):
    for n in range(20):
        read_books("-5.20", f"nobodys-{n}")

    with django_assert_max_num_queries(5):
        assert len(list(auditing.broken("explained", now=noon + LATER))) == 20
