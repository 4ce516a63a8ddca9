"""Runs of the simulated world. `SEEDS=1000 make simulate` runs more; `SEED=17` replays one."""

import os
import subprocess
import threading
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import transaction

from catalog import gateway
from catalog.suppliers.types import ProductKind
from orders.models import SpendLimit
from tests.orders.shop import mirror

from .invariants import broken
from .seams import seam
from .secrecy import Ears
from .wire import SimulatedTransport
from .world import BOUGHT_FROM, World

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SEEDS = [int(os.environ["SEED"])] if "SEED" in os.environ else range(int(os.environ.get("SEEDS", "200")))
CHUNK = 20

pytestmark = pytest.mark.pg


@pytest.fixture
def shop(lab, plexy, giftapi, staff):
    """Three SKUs at two suppliers, mirrored once for all runs of a chunk."""
    with time_machine.travel(START, tick=False):
        wanted = [
            (plexy, lambda product, price: product.kind == ProductKind.VOUCHER and _is_cheap(price)),
            (plexy, lambda product, price: product.kind == ProductKind.TOP_UP and price.currency == "USD"),
            (giftapi, lambda product, price: product.kind == ProductKind.VOUCHER and _is_cheap(price)
             and (price.max_per_order or 0) >= 3),
        ]
        return [mirror(supplier, likes, START) for supplier, likes in wanted], (staff("lead"), staff("lead"))


def _is_cheap(price):
    return price.price and price.price < 15 and price.currency == "USD" and (price.stock is None or price.stock > 500)


@pytest.mark.parametrize("first", range(0, len(SEEDS), CHUNK))
def test_invariants_hold_for_every_seed(shop, lab, monkeypatch, first):
    for seed in SEEDS[first:first + CHUNK]:
        world, problems = simulate(seed, shop, lab, monkeypatch)

        assert not problems, _report(seed, world, problems)


def test_same_seed_gives_the_same_trace(shop, lab, monkeypatch):
    first, _ = simulate(7, shop, lab, monkeypatch)
    second, _ = simulate(7, shop, lab, monkeypatch)

    assert first.trace_hash() == second.trace_hash(), _difference(first.trace, second.trace)


def simulate(seed, shop, lab, monkeypatch, *, mutate=lambda patch: None, script=None):
    """The world after one run, and the invariants it broke. Everything in the database is undone.

    The dice decide what happens, or `script(world)` does; `mutate` breaks the house beforehand.
    """
    skus, (lead, other) = shop
    with time_machine.travel(START, tick=False) as clock, monkeypatch.context() as patch, Undone(), Ears() as ears:
        lab.reset()
        for books in map(lab.books.get, BOUGHT_FROM):
            for currency in list(books.balances):
                books.set_balance(currency, "60.00")
            books.pace(seconds=seed % 3 * 40, reads=seed % 2)
        world = World(seed, lab=lab, skus=skus, staff=lead, approver=other, clock=clock, start=START)
        world.heard = ears.lines
        SimulatedTransport.world = world
        patch.setattr(gateway, "_kept", threading.local())
        patch.setattr("catalog.gateway.Transport", SimulatedTransport)
        if not script:
            SpendLimit.objects.create(currency="USD", per_day=30 + seed % 4 * 30)
        seam(world, patch)
        mutate(patch)
        world.follow(script) if script else world.run()
        return world, broken(world)


class Undone(transaction.Atomic):
    """Whatever the block did to the database is rolled back at its end.

    It counts as the test's own block, so that durable ones may open inside it and a supplier may be called.
    """

    def __init__(self):
        super().__init__(using=None, savepoint=True, durable=False)
        self._from_testcase = True

    def __exit__(self, kind, error, trace):
        super().__exit__(_Undo, _Undo(), None)


class _Undo(Exception):
    pass


def _report(seed, world, problems):
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    lines = [f"seed {seed} at commit {commit}: replay with SEED={seed} make simulate", *problems, "", *world.trace[-60:]]
    return "\n".join(lines)


def _difference(first, second):
    for number, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return f"line {number}: {one} / {other}"
    return f"{len(first)} and {len(second)} lines"
