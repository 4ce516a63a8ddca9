"""How often a supplier is asked: by what it promises, and never more than it allows for all orders together."""

from dataclasses import replace
from datetime import timedelta

import pytest

from catalog import gateway
from catalog.models import Supplier
from catalog.suppliers.octopus_cards.client import OctopusCards
from catalog.suppliers.traits import DeskTraits
from catalog.suppliers.types import Outcome
from orders import pace, tracking
from orders.models import Attempt

PATIENT = DeskTraits(poll_after_s=(5, 5, 30), poll_slow_s=900, polls_per_minute=60)


def wait(now, **options):
    return (pace.next_poll(**{"outcome": Outcome.PENDING, "traits": PATIENT, "now": now, **options}) - now).total_seconds()


@pytest.mark.parametrize(("polls", "seconds"), [(0, 5), (1, 5), (2, 30), (3, 900), (50, 900)])
def test_open_order_is_read_at_the_suppliers_pace(now, polls, seconds):
    assert wait(now, polls=polls) == seconds


def test_many_open_orders_share_what_the_supplier_allows(now):
    assert wait(now, polls=0, open_orders=600) == 600
    assert wait(now, polls=0, open_orders=4) == 5


def test_final_order_is_read_daily(now):
    assert wait(now, outcome=Outcome.FAILED, polls=0, open_orders=600) == 86400


def test_purchase_is_leased_for_longer_than_its_answer_may_take():
    assert pace.purchase_lease(DeskTraits(purchase_s=75)) == timedelta(seconds=135)


def test_reads_stay_within_the_minutes_budget_of_octopus(octopus, make_attempt, now, monkeypatch):
    monkeypatch.setattr(gateway, "connect", lambda supplier, **_: Busy())
    attempts = [make_attempt("accepted", at=now) for _ in range(8)]
    Attempt.objects.update(supplier=octopus)
    monkeypatch.setattr(OctopusCards, "traits", replace(OctopusCards.traits, polls_per_minute=2))

    tracking.refresh(attempt_id=attempts[0].pk, now=now)

    due_at = Attempt.objects.get(pk=attempts[0].pk).due_at
    assert due_at - now >= timedelta(minutes=4)


class Busy:
    def fetch(self, order_id):
        raise gateway.NotConnected("not now")


def test_unknown_api_makes_the_strict_choice(db):
    assert gateway.traits(Supplier(name="odd", api="nobody")) == DeskTraits()
