"""Runs of the simulated world. `SEEDS=1000 make simulate` runs more; `SEED=17` replays one."""

import json
import os
import subprocess
import threading
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine

from catalog import gateway
from orders.models import SpendLimit
from tests.lab_fixtures import connected

from . import goods, tally
from .goods import BOUGHT_FROM
from .invariants import broken
from .seams import seam
from .secrecy import Ears
from .undoing import Undone
from .wire import SimulatedTransport
from .world import STEPS, World

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SEEDS = [int(os.environ["SEED"])] if "SEED" in os.environ else range(int(os.environ.get("SEEDS", "200")))
CHUNK = 20
OVERDRAFT = Decimal(20)
LIMITS = [5, 15, 40, 120]  # of what one person may spend in a day without a second one

pytestmark = pytest.mark.pg


@pytest.fixture
def shop(db, lab, staff):
    return open_shop(lab, staff)


def open_shop(lab, staff):
    """What is bought at every supplier, and two people who may."""
    with time_machine.travel(START, tick=False):
        with Undone():  # what asking for goods leaves behind would tell the first shop of a process from the next
            goods.look_around(_connected(lab))
        return goods.shelve(_connected(lab), START), (staff("lead"), staff("lead"))


def _connected(lab):
    return {api: connected(api, api, lab) for api in BOUGHT_FROM}


@pytest.mark.parametrize("first", range(0, len(SEEDS), CHUNK))
def test_invariants_hold_for_every_seed(shop, lab, monkeypatch, record_property, first):
    seeds, happened = SEEDS[first:first + CHUNK], Counter()
    for seed in seeds:
        world, problems = simulate(seed, shop, lab, monkeypatch)

        assert not problems, _report(seed, *_shortest(seed, shop, lab, monkeypatch))
        happened.update(world.happened)
    record_property(tally.HAPPENED, json.dumps([len(seeds), happened]))


@pytest.mark.parametrize("seed", [7, 69])
def test_same_seed_gives_the_same_trace(db, lab, staff, monkeypatch, seed):
    """I-32, in a shop of its own each time, and the first is the first of its process: so it is where a day is replayed."""
    monkeypatch.setattr(goods, "_known", {})
    first, second = (_in_a_shop_of_its_own(seed, lab, staff, monkeypatch) for _ in range(2))

    assert first.trace_hash() == second.trace_hash(), _difference(first.trace, second.trace)


def _in_a_shop_of_its_own(seed, lab, staff, monkeypatch):
    with Undone():
        return simulate(seed, open_shop(lab, staff), lab, monkeypatch)[0]


def simulate(seed, shop, lab, monkeypatch, *, script=None, api="", steps=STEPS):
    """The world after one run, and the invariants it broke. Everything in the database is undone.

    The dice decide what happens in `steps` steps, or `script(world)` does, at the supplier `api`.
    """
    skus, (lead, other) = shop
    with time_machine.travel(START, tick=False) as clock, monkeypatch.context() as patch, Undone(), Ears() as ears:
        lab.reset()
        for books in map(lab.books.get, BOUGHT_FROM):
            for currency in list(books.balances):
                books.set_balance(currency, "60.00")
            books.pace(seconds=seed % 3 * 40, reads=seed % 2)
            books.overdraft_limit = min(books.overdraft_limit, OVERDRAFT)
        world = World(seed, lab=lab, skus=skus, staff=lead, approver=other, clock=clock, start=START, api=api)
        world.heard = ears.lines
        SimulatedTransport.world = world
        patch.setattr(gateway, "_kept", threading.local())
        patch.setattr("catalog.gateway.Transport", SimulatedTransport)
        if not script:
            SpendLimit.objects.create(currency="USD", per_day=LIMITS[seed % len(LIMITS)])
        world.is_scripted = script is not None
        world.patch = patch
        world.suppliers_begin(seed, patch)
        seam(world, patch)
        world.follow(script) if script else world.run(steps)
        world.happened = tally.of(world)
        return world, broken(world)


def _shortest(seed, shop, lab, monkeypatch):
    """The world of the fewest steps that breaks an invariant, and what it broke."""
    runs = (simulate(seed, shop, lab, monkeypatch, steps=steps) for steps in range(1, STEPS + 1))
    return next((world, problems) for world, problems in runs if problems)


def _report(seed, world, problems):
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    lines = [f"seed {seed} at commit {commit}: replay with SEED={seed} make simulate", *problems, "", *world.trace[-60:]]
    return "\n".join(lines)


def _difference(first, second):
    for number, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return f"line {number}: {one} / {other}"
    return f"{len(first)} and {len(second)} lines"
