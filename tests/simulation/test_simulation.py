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

from . import tally
from .goods import BOUGHT_FROM, shelve
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

pytestmark = pytest.mark.pg


@pytest.fixture
def shop(db, lab, staff):
    """What is bought at every supplier, and two people who may."""
    with time_machine.travel(START, tick=False):
        return shelve({api: connected(api, api, lab) for api in BOUGHT_FROM}, START), (staff("lead"), staff("lead"))


@pytest.mark.parametrize("first", range(0, len(SEEDS), CHUNK))
def test_invariants_hold_for_every_seed(shop, lab, monkeypatch, record_property, first):
    seeds, happened = SEEDS[first:first + CHUNK], Counter()
    for seed in seeds:
        world, problems = simulate(seed, shop, lab, monkeypatch)

        assert not problems, _report(seed, *_shortest(seed, shop, lab, monkeypatch))
        happened.update(world.happened)
    record_property(tally.HAPPENED, json.dumps([len(seeds), happened]))


def test_same_seed_gives_the_same_trace(shop, lab, monkeypatch):
    first, _ = simulate(7, shop, lab, monkeypatch)
    second, _ = simulate(7, shop, lab, monkeypatch)

    assert first.trace_hash() == second.trace_hash(), _difference(first.trace, second.trace)


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
            SpendLimit.objects.create(currency="USD", per_day=30 + seed % 4 * 30)
        world.is_scripted = script is not None
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
