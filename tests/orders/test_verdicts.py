"""The desk for unknown outcomes: what the evidence proposes, what it excludes, and the verdict of a person."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django_q.models import OrmQ

from catalog import clock
from catalog.suppliers.types import Outcome, Placement
from funding.models import Account, Books, Entry, Reservation
from orders import evidence, tasks, verdicts
from orders.models import Attempt, Event, Notice, Observation, Order
from tests.orders.shop import attempt_of, bought, confirmed, fail, operation, run_until, sweep_at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead(staff):
    return staff("lead")


@pytest.fixture
def missing(make_attempt, noon):
    """An unknown attempt that whole searches did not find, long after its fence, and the books were read since."""
    fence_at, absent_seen_at = noon + timedelta(minutes=6), noon + timedelta(minutes=8)
    attempt = make_attempt("unknown", at=noon, fence_at=fence_at, absent_seen_at=absent_seen_at)
    Books.objects.create(supplier=attempt.supplier, read_at=noon + timedelta(minutes=9))
    return attempt


def later(noon):
    return noon + timedelta(hours=2)


def test_evidence_that_shows_nothing_proposes_absence(missing, noon):
    found = evidence.of(missing, now=later(noon))

    assert (found.proposal, found.against_absence) == ("absent", [])


def test_absence_frees_the_money_and_cancels_the_order(missing, noon, lead):
    verdicts.declare_absent(attempt=missing, note="Ticket 4711: never arrived", by=lead, now=later(noon))

    order = Order.objects.get(pk=missing.order_id)
    assert (order.status, Attempt.objects.get(pk=missing.pk).state) == ("cancelled", "proven_absent")
    assert Reservation.objects.get(attempt_ref=missing.ref).state == "released"
    assert Observation.objects.get(attempt=missing).source == "person"
    event = Event.objects.filter(order=order).latest("pk")
    assert (event.by, "Ticket 4711" in event.text) == (lead, True)


def test_absence_of_a_part_takes_those_with_it_that_were_not_sent(missing, make_attempt, noon, lead):
    behind = make_attempt("queued", at=noon)
    Attempt.objects.filter(pk=behind.pk).update(order=missing.order_id, chunk=1, due_at=None)

    verdicts.declare_absent(attempt=missing, note="Never arrived", by=lead, now=later(noon))

    assert Attempt.objects.get(pk=behind.pk).state == "withdrawn"
    assert Order.objects.get(pk=missing.order_id).status == "cancelled"
    assert Reservation.objects.get(attempt_ref=behind.ref).state == "released"


def test_absence_without_words_is_refused(missing, noon, lead):
    with pytest.raises(verdicts.Excluded, match="Write where you know it from"):
        verdicts.declare_absent(attempt=missing, note=" ", by=lead, now=later(noon))

    assert Attempt.objects.get(pk=missing.pk).state == "unknown"


def speaks(missing, noon):
    Observation.objects.create(attempt=missing, at=noon, source="find", outcome="pending", rank=10, applied=False)


def notice(missing, noon):
    Notice.objects.create(
        supplier=missing.supplier, event_key="e1", body_digest="0" * 64, sealed_body="", kind="order", event="order.done",
        ref=missing.ref, received_at=noon, last_received_at=noon, due_at=noon)


def charge(missing, noon):
    account = Account.objects.get(supplier=missing.supplier, currency="USD")
    Entry.objects.create(
        supplier=missing.supplier, account=account, kind="transaction", supplier_key="t1", word="charge", status="posted",
        amount=-missing.agreed_total, currency="USD", order_id="unknown-there", occurred_at=noon, first_seen_at=noon)


def fence(missing, noon):
    Attempt.objects.filter(pk=missing.pk).update(fence_at=noon + timedelta(days=1))


def search(missing, noon):
    Attempt.objects.filter(pk=missing.pk).update(absent_seen_at=None)


def old_books(missing, noon):
    Books.objects.update(read_at=noon + timedelta(minutes=7))


def lease(missing, noon):
    Attempt.objects.filter(pk=missing.pk).update(lease_until=noon + timedelta(days=1))


@pytest.mark.parametrize(("happens", "proposal", "why"), [
    (speaks, "bought", "has spoken of this order"), (notice, "bought", "sent a notice"),
    (charge, "bought", "hold a charge of this amount"), (fence, "wait", "may still accept a delayed copy"),
    (search, "wait", "No whole search"), (lease, "wait", "being asked right now"),
    (old_books, "wait", "books have not been read"),
])
def test_verdict_that_the_evidence_excludes_is_refused(missing, noon, lead, happens, proposal, why):
    happens(missing, noon)
    missing.refresh_from_db()

    with pytest.raises(verdicts.Excluded, match=why):
        verdicts.declare_absent(attempt=missing, note="They say no", by=lead, now=later(noon))

    assert evidence.of(missing, now=later(noon)).proposal == proposal
    assert Reservation.objects.get(attempt_ref=missing.ref).state == "open"


@pytest.mark.parametrize("happens", [fence, search, lease])
def test_evidence_is_looked_at_again_under_the_lock(missing, noon, lead, happens):
    happens(missing, noon)  # after the page was drawn that this verdict comes from

    with pytest.raises(verdicts.Excluded):
        verdicts.declare_absent(attempt=missing, note="They say no", by=lead, now=later(noon))


def test_notice_about_another_part_excludes_nothing(missing, make_attempt, noon):
    other = make_attempt("accepted", at=noon)
    Attempt.objects.filter(pk=other.pk).update(order=missing.order_id, chunk=1)
    notice(other, noon)
    Notice.objects.update(order=missing.order_id, supplier_order_id=other.supplier_order_id)

    assert evidence.of(missing, now=later(noon)).may_be_absent


def test_charge_of_another_amount_excludes_nothing(missing, noon):
    charge(missing, noon)
    Attempt.objects.filter(pk=missing.pk).update(agreed_total=Decimal("99.00"))
    missing.refresh_from_db()

    found = evidence.of(missing, now=later(noon))

    assert len(found.charges) == 1
    assert found.may_be_absent


def id_here(sku, number):
    return f"voucher:{number}" if sku.supplier.api == "octopus_cards" else number


def test_number_alone_names_an_order_of_the_same_sort_of_goods(lost, lab, sku, now, lead):
    (there,) = lab.books[sku.supplier.api].purchases(lost.ref)

    verdicts.name_order(attempt=lost, supplier_order_id=str(there.id), by=lead, now=clock.now())
    lab.clear(sku.supplier.api)
    tasks.look(str(lost.order_id))

    assert Order.objects.get(pk=lost.order_id).status in ("accepted", "completed")


def test_named_order_is_read_and_taken(lost, lab, sku, now, lead):
    (there,) = lab.books[sku.supplier.api].purchases(lost.ref)
    OrmQ.objects.all().delete()
    lab.clear(sku.supplier.api)

    named = id_here(sku, there.id)
    verdicts.name_order(attempt=lost, supplier_order_id=f" {named} ", by=lead, now=clock.now())
    tasks.look(str(lost.order_id))

    order = Order.objects.get(pk=lost.order_id)
    assert OrmQ.objects.count() == 1
    assert order.supplier_order_id == named
    assert order.status in ("accepted", "completed")


def test_named_order_is_taken_although_the_queue_was_lost_and_the_supplier_hesitates(lost, lab, sku, now, lead):
    (there,) = lab.books[sku.supplier.api].purchases(lost.ref)
    purchases = len(lab.calls(sku.supplier.api, operation("createOrder", sku)))
    lab.fail(sku.supplier.api, operation("getOrder", sku), "error", times=3)  # more than one reading tries by itself

    verdicts.name_order(attempt=lost, supplier_order_id=id_here(sku, there.id), by=lead, now=clock.now())
    OrmQ.objects.all().delete()
    order = run_until(lost.order, clock.now(), hours=0.1, stop=["accepted", "completed"])

    assert order.supplier_order_id == id_here(sku, there.id)
    assert len(lab.calls(sku.supplier.api, operation("createOrder", sku))) == purchases
    assert Attempt.objects.get(pk=lost.pk).named_order_id == ""


def test_named_order_of_somebody_else_is_not_taken(lost, lab, sku, now, lead):
    lab.clear(sku.supplier.api)
    other = run_until(confirmed(sku, now), now)

    with pytest.raises(verdicts.Excluded, match=other.reference):
        verdicts.name_order(attempt=lost, supplier_order_id=other.supplier_order_id, by=lead, now=now)
    Attempt.objects.filter(pk=lost.pk).update(named_order_id=other.supplier_order_id, due_at=now)
    lab.fail(sku.supplier.api, operation("listOrders", sku), "error", times=None)
    sweep_at(clock.now())

    assert Attempt.objects.get(pk=lost.pk).supplier_order_id != other.supplier_order_id


def test_order_of_another_reference_that_was_named_says_nothing_about_ours(missing, noon, lead):
    """A slip of the hand: whoever knows better must still be able to say so."""
    theirs = Placement(order_id="theirs", ref="their-reference", outcome=Outcome.COMPLETED, word="completed")
    verdicts.name_order(attempt=missing, supplier_order_id="theirs", by=lead, now=later(noon))
    missing.refresh_from_db()

    verdicts.read_named(attempt=missing, client=SimpleNamespace(fetch=lambda order_id: theirs), now=later(noon))

    missing.refresh_from_db()
    assert (missing.state, missing.named_order_id) == ("unknown", "")
    assert "another reference" in Event.objects.filter(order=missing.order_id).latest("pk").text
    assert evidence.of(missing, now=later(noon)).may_be_absent


@pytest.mark.parametrize("sku", ["plexy", "giftapi"], indirect=True)  # Octopus dates no vouchers
def test_named_order_from_before_the_send_is_another_one(lost, lab, sku, now, lead):
    (there,) = lab.books[sku.supplier.api].purchases(lost.ref)
    hour_later = lost.first_sent_at + timedelta(hours=1)
    Attempt.objects.filter(pk=lost.pk).update(first_sent_at=hour_later, last_sent_at=hour_later)

    verdicts.name_order(attempt=lost, supplier_order_id=id_here(sku, there.id), by=lead, now=clock.now())
    tasks.look(str(lost.order_id))

    assert "before ours was sent" in Event.objects.filter(order=lost.order_id).latest("pk").text
    assert Attempt.objects.get(pk=lost.pk).state == "unknown"


def test_order_that_does_not_exist_there_is_told(lost, lab, sku, now, lead):
    verdicts.name_order(attempt=lost, supplier_order_id=id_here(sku, "77777777"), by=lead, now=clock.now())
    tasks.look(str(lost.order_id))

    assert "77777777" in Event.objects.filter(order=lost.order_id).latest("pk").text
    assert Attempt.objects.get(pk=lost.pk).state == "unknown"


def test_verdict_on_a_known_outcome_is_refused(sku, now, lead):
    order = run_until(confirmed(sku, now), now)

    with pytest.raises(verdicts.Excluded, match="known meanwhile"):
        verdicts.declare_absent(attempt=attempt_of(order), note="No", by=lead, now=now)


def test_rules_settle_by_themselves_before_anybody_has_to(sku, lab, books, now):
    fail(lab, sku, "close", when="after")
    order = run_until(confirmed(sku, now), now, hours=1)

    assert (order.status, bought(books, order)) == ("completed", 1)
