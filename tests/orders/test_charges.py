"""Which charges in a supplier's books nothing here explains: the evidence must neither overlook one nor invent one."""

import pytest

from catalog import clock
from funding import refreshing
from funding.models import Account, Entry
from orders import evidence
from orders.models import Attempt, UnmatchedPurchase
from tests.orders.shop import attempt_of, confirmed, fail, run_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_charge_of_an_order_of_ours_speaks_for_no_other_one(sku, lab, now):
    run_until(confirmed(sku, now), now)
    fail(lab, sku, "close", when="before")
    lost = attempt_of(run_until(confirmed(sku, now), now, stop=["unknown"]))
    refreshing.refresh(supplier=sku.supplier, now=clock.now())

    found = evidence.of(lost, now=clock.now())

    assert (found.charges, found.proposal) == ([], "wait")


def test_charge_of_another_sort_of_goods_with_the_same_number_is_not_explained(octopus, make_attempt, noon):
    lost = make_attempt("unknown", at=noon)
    ours = make_attempt("accepted", at=noon, total="7.00")
    Attempt.objects.update(supplier=octopus)
    Attempt.objects.filter(pk=ours.pk).update(supplier_order_id="topup:17", total="7.00")
    account = Account.objects.create(supplier=octopus, currency="USD")
    for key, amount in (("ours", "-7.00"), ("theirs", "-5.20")):
        Entry.objects.create(
            supplier=octopus, account=account, kind="transaction", supplier_key=key, word="DEBIT", status="posted",
            amount=amount, currency="USD", order_id="17", occurred_at=noon, first_seen_at=noon)
    lost.refresh_from_db()

    charges = evidence.unexplained_charges(lost)

    assert [charge.supplier_key for charge in charges] == ["theirs"]


@pytest.mark.parametrize(("state", "explained"), [("open", 0), ("explained", 1)])
def test_charge_of_a_purchase_that_a_person_explained_speaks_for_no_order(make_attempt, book, noon, state, explained):
    """Somebody bought it past Purser, at the same price."""
    lost = make_attempt("unknown", at=noon)
    book(-lost.agreed_total, order_id="theirs")
    UnmatchedPurchase.objects.create(
        supplier=lost.supplier, supplier_order_id="theirs", state=state, first_seen_at=noon, total=lost.agreed_total)

    charges = evidence.unexplained_charges(lost)

    assert len(charges) == 1 - explained
