"""An order for more than its supplier takes at once is bought in parts; each part lives by the rules of a whole order."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from catalog.suppliers.types import ProductKind
from funding import refreshing, reserving
from funding.models import Account, Reservation
from orders import chunking, delivery, parking, placing, sending, sweep, terms
from orders.models import Attempt, Event, Order, Unit

from .shop import confirmed, fail, mirror, quoted, run_until, sweep_at
from .test_races import at_once


@pytest.fixture
def books(lab):
    return lab.books["giftapi"]


@pytest.fixture
def lead(staff):
    return staff("lead")


def parts(order):
    return list(Attempt.objects.filter(order=order).order_by("chunk", "n"))


def states(order):
    return [attempt.state for attempt in parts(order)]


def first_sent(order, now):
    sending.send(attempt_id=parts(order)[0].pk, now=now)
    return Order.objects.get(pk=order.pk)


@pytest.mark.fault("F45")
def test_order_above_the_limit_is_bought_in_parts(sku_of_two, books, now):
    order = run_until(confirmed(sku_of_two, now, quantity=5), now)

    assert order.status == "completed"
    assert [attempt.quantity for attempt in parts(order)] == [2, 2, 1]
    assert [len(books.purchases(attempt.ref)) for attempt in parts(order)] == [1, 1, 1]
    assert Unit.objects.filter(attempt__order=order).count() == 5
    assert order.charged_total == order.agreed_total == sku_of_two.price * 5


@pytest.mark.fault("F45")
def test_plexy_voucher_is_bought_one_by_one(plexy, lab, now):
    lab.books["plexy_gate"].deposit("USD", "1000.00")
    lab.books["plexy_gate"].pace(seconds=0, reads=0)
    sku = mirror(plexy, lambda product, price: product.kind == ProductKind.VOUCHER and price.price
                 and price.price < 30 and price.currency == "USD", now)

    order = run_until(confirmed(sku, now, quantity=3), now)

    assert order.status == "completed"
    assert len({attempt.ref for attempt in parts(order)}) == 3
    assert len(lab.books["plexy_gate"].purchases()) == 3


def test_each_part_sets_its_own_money_aside(sku_of_two, now):
    order = confirmed(sku_of_two, now, quantity=5)

    held = Reservation.objects.filter(state="open").order_by("-amount").values_list("amount", flat=True)
    assert list(held) == [sku_of_two.price * 2, sku_of_two.price * 2, sku_of_two.price]
    assert sum(held) == order.agreed_total


def test_only_the_first_part_is_sent_before_the_supplier_accepted_one(sku_of_two, lab, books, now):
    fail(lab, sku_of_two, "close", when="after")
    order = confirmed(sku_of_two, now, quantity=5)

    for _ in range(2):
        Attempt.objects.filter(order=order, state="queued").update(due_at=now)
        sweep_at(now)

    assert states(order) == ["unknown", "queued", "queued"]
    assert len(books.purchases()) == 1


def test_later_parts_follow_once_an_unknown_one_was_found(sku_of_two, lab, books, now):
    fail(lab, sku_of_two, "close", when="after")

    order = run_until(confirmed(sku_of_two, now, quantity=5), now)

    assert order.status == "completed"
    assert len(books.purchases()) == 3


def test_refusal_of_the_first_part_stops_the_others(sku_of_two, lab, books, now):
    books.set_stock(sku_of_two.supplier_ref, 0)
    order = confirmed_without_looking(sku_of_two, now, books)

    order = run_until(order, now)

    assert (order.status, states(order)) == ("failed", ["rejected", "withdrawn", "withdrawn"])
    assert not Reservation.objects.filter(state="open").exists()
    assert books.purchases() == []


def confirmed_without_looking(sku, now, books):
    """The stock is gone between quote and send."""
    books.set_stock(sku.supplier_ref, 50)
    order = confirmed(sku, now, quantity=5)
    books.set_stock(sku.supplier_ref, 0)
    return order


def test_refusal_after_some_parts_were_bought_leaves_the_order_partially_completed(sku_of_two, lab, books, now):
    order = first_sent(confirmed(sku_of_two, now, quantity=5), now)
    books.set_stock(sku_of_two.supplier_ref, 0)

    order = run_until(order, now + timedelta(seconds=1))

    assert order.status == "partially_completed"
    assert (order.is_final, order.needs_review) == (True, True)
    assert Unit.objects.filter(attempt__order=order).count() == 2
    assert Event.objects.filter(order=order, text="Only 2 of 5 could be bought").exists()
    assert not Reservation.objects.filter(state="open").exists()
    assert sorted(states(order))[:1] == ["accepted"]


def test_one_unknown_part_keeps_the_order_unknown_while_others_are_completed(sku_of_two, lab, books, now):
    order = first_sent(confirmed(sku_of_two, now, quantity=5), now)
    fail(lab, sku_of_two, "close", when="after")
    sending.send(attempt_id=parts(order)[1].pk, now=now + timedelta(seconds=1))
    sending.send(attempt_id=parts(order)[2].pk, now=now + timedelta(seconds=1))

    order.refresh_from_db()
    assert (order.status, states(order)) == ("unknown", ["accepted", "unknown", "accepted"])
    assert order.reason.startswith("Outcome unknown")
    assert Unit.objects.filter(attempt__order=order).count() == 3
    assert run_until(order, now + timedelta(seconds=2)).status == "completed"
    assert len(books.purchases()) == 3


def test_part_that_the_account_does_not_cover_is_parked_and_follows_by_itself(sku_of_two, books, now):
    books.set_balance("USD", sku_of_two.price * 4 - books.overdraft_limit)
    order = confirmed(sku_of_two, now, quantity=5)
    assert states(order) == ["queued", "queued", "parked"]

    order = run_until(order, now, hours=0.02)
    assert (order.status, order.parked_reason) == ("parked", "funds")
    assert len(books.purchases()) == 2

    later = now + timedelta(minutes=10)
    books.deposit("USD", "500.00")
    refreshing.refresh(supplier=sku_of_two.supplier, now=later)
    order = run_until(order, later + timedelta(seconds=1))
    assert order.status == "completed"
    assert len(books.purchases()) == 3


def test_price_that_went_up_parks_all_parts_and_one_person_agrees_to_the_whole(sku_of_two, lab, books, lead, now):
    order = confirmed(sku_of_two, now, quantity=5)
    books.set_price(sku_of_two.supplier_ref, sku_of_two.price + 1)
    later = now + timedelta(seconds=90)

    order = run_until(order, later, stop=["parked"])

    assert (states(order), order.parked_reason) == (["parked"] * 3, "price")
    assert order.parked_total == order.agreed_total + 5
    with pytest.raises(parking.PriceMoved):
        parking.release(order=order, by=lead, now=later, total=order.agreed_total)
    parking.release(order=order, by=lead, now=later, total=order.parked_total)
    assert run_until(order, later + timedelta(seconds=1)).status == "completed"
    assert len(books.purchases()) == 3


def test_withdrawing_stops_what_was_not_sent_and_keeps_what_was(sku_of_two, books, lead, now):
    order = first_sent(confirmed(sku_of_two, now, quantity=5), now)

    parking.withdraw(order=order, by=lead, now=now)

    order = run_until(order, now + timedelta(seconds=1))
    assert states(order) == ["accepted", "withdrawn", "withdrawn"]
    assert (order.status, order.needs_review) == ("partially_completed", False)
    assert len(books.purchases()) == 1
    assert not Reservation.objects.filter(state="open").exists()


def test_order_all_of_whose_parts_were_sent_cannot_be_withdrawn(sku_of_two, lead, now):
    order = run_until(confirmed(sku_of_two, now, quantity=5), now)

    with pytest.raises(parking.CannotWithdraw):
        parking.withdraw(order=order, by=lead, now=now)

    assert Order.objects.get(pk=order.pk).status == "completed"


def test_release_takes_all_parked_parts_or_none(sku_of_two, books, lead, now):
    books.set_balance("USD", -books.overdraft_limit)
    order = confirmed(sku_of_two, now, quantity=5)
    assert states(order) == ["parked"] * 3
    books.deposit("USD", sku_of_two.price * 4)
    refreshing.read_balances(supplier=sku_of_two.supplier, now=now)

    with pytest.raises(parking.StillShort):
        parking.release(order=order, by=lead, now=now)

    assert states(order) == ["parked"] * 3
    assert not Reservation.objects.filter(state="open").exists()


def test_a_late_part_never_holds_up_the_account_before_an_earlier_one(make_attempt, account, noon):
    """The first part waits for a person; the second one, for money, must not be taken out of the queue for nothing."""
    first = make_attempt("parked", at=noon)
    Attempt.objects.filter(pk=first.pk).update(parked_reason="config")
    second = make_attempt("parked", at=noon)
    Attempt.objects.filter(pk=second.pk).update(order=first.order_id, chunk=1)
    Account.objects.filter(pk=account.pk).update(available=Decimal(100), read_at=noon + timedelta(minutes=5))

    assert not parking.release_funded(
        supplier_id=account.supplier_id, currency="USD", now=noon + timedelta(minutes=5))


def test_units_of_all_parts_are_revealed_in_one_numbering(sku_of_two, lead, now):
    order = run_until(confirmed(sku_of_two, now, quantity=5), now)

    revealed = delivery.reveal(order=order, by=lead, reason="The buyer asks", now=now)

    assert [unit.ordinal for unit in revealed] == [1, 2, 3, 4, 5]
    assert len({unit.code for unit in revealed}) == 5


def test_quote_of_parts_is_what_each_of_them_costs(sku_of_two, now):
    _, quote = quoted(sku_of_two, now, quantity=5)

    two, one = f"{sku_of_two.price * 2:.2f}", f"{sku_of_two.price:.2f}"
    assert quote.parts == [[2, two], [2, two], [1, one]]
    assert quote.total == sku_of_two.price * 5


def test_top_up_is_never_split(plexy, lab, now):
    top_up = mirror(plexy, lambda product, price: product.kind == ProductKind.TOP_UP, now)

    with pytest.raises(terms.Wrong, match="At most 1 per order"):
        terms.check(sku=top_up, quantity=2, amount=top_up.min_amount, fields={})


@pytest.mark.parametrize(("quantity", "sizes"), [(1, [1]), (2, [2]), (3, [2, 1]), (4, [2, 2]), (7, [2, 2, 2, 1])])
def test_parts_are_full_ones_and_a_rest(sku_of_two, quantity, sizes):
    assert chunking.sizes(sku=sku_of_two, quantity=quantity) == sizes


def test_more_parts_than_a_person_can_mean_are_refused(sku_of_two):
    with pytest.raises(terms.Wrong, match="At most 100 per order"):
        terms.check(sku=sku_of_two, quantity=101, amount=None, fields={})


def test_crash_before_the_commit_leaves_no_part_behind(sku_of_two, now, monkeypatch):
    wanted, quote = quoted(sku_of_two, now, quantity=5)

    def die(**told):
        raise RuntimeError("the process ends here")

    monkeypatch.setattr(placing, "tell", die)
    with pytest.raises(RuntimeError):
        placing.confirm(token=quote.pk, sku=sku_of_two, terms=wanted, quote=quote, reference="", by=None, now=now)

    assert (Order.objects.count(), Attempt.objects.count(), Reservation.objects.count()) == (0, 0, 0)


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_four_sweeps_at_once_buy_each_part_once(sku_of_two, books, now):
    orders = [confirmed(sku_of_two, now, quantity=5) for _ in range(4)]

    for step in range(6):
        at_once(4, lambda _, step=step: sweep.run_due(now=now + timedelta(seconds=20 * step), threads=2))

    assert {order.status for order in Order.objects.filter(pk__in=[order.pk for order in orders])} == {"completed"}
    bought = Counter(len(books.purchases(ref)) for ref in Attempt.objects.values_list("ref", flat=True))
    assert bought == {1: 12}
    assert reserving.spendable(Account.objects.get(supplier=sku_of_two.supplier, currency="USD")) is not None
