"""Each rule of the house, broken on purpose: the simulation must notice, or it proves nothing."""

import pytest

from catalog.suppliers.errors import Refused
from funding import reserving
from orders import concluding, lifecycle, sending

from .test_simulation import shop, simulate  # noqa: F401 - the fixture is used by name

SEEDS_TO_NOTICE = 12

pytestmark = pytest.mark.pg


def timeout_becomes_failed(patch):
    patch.setattr(concluding, "CONCLUSIONS", tuple(
        (kinds, act if kinds in (concluding.NotSent, concluding.Forbidden) else concluding._rejected)
        for kinds, act in concluding.CONCLUSIONS))


def reservation_is_freed_when_unknown(patch):
    real = concluding._unknown

    def freed(attempt, error, source, now, text=""):
        reserving.release(attempt_ref=attempt.ref, now=now)
        real(attempt, error, source, now, text)

    patch.setattr(concluding, "CONCLUSIONS", tuple(
        (kinds, freed if act is real else act) for kinds, act in concluding.CONCLUSIONS))


def epoch_is_not_counted(patch):
    real = sending.lease
    patch.setattr(sending, "lease", lambda attempt, traits, now: {
        **real(attempt, traits, now), "lease_epoch": attempt.lease_epoch})


def unanswered_is_put_back_into_the_queue(patch):
    """A blind resend."""
    patch.setattr(concluding, "CONCLUSIONS", tuple(
        (kinds, concluding._not_sent if act is concluding._unknown else act) for kinds, act in concluding.CONCLUSIONS))


MUTANTS = [
    timeout_becomes_failed, reservation_is_freed_when_unknown, epoch_is_not_counted, unanswered_is_put_back_into_the_queue,
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_broken_rule_is_noticed(shop, lab, monkeypatch, mutant):  # noqa: F811
    mutant(monkeypatch)

    noticed = _noticed(shop, lab, monkeypatch)

    assert noticed, f"{mutant.__name__} went unnoticed in {SEEDS_TO_NOTICE} runs"
    print(f"{mutant.__name__}: {noticed}")


def _noticed(shop, lab, monkeypatch):  # noqa: F811
    """The first invariant that a run breaks; an error that surfaces counts, because somebody would see it."""
    for seed in range(SEEDS_TO_NOTICE):
        try:
            problems = simulate(seed, shop, lab, monkeypatch)[1]
        except (lifecycle.NotAllowed, lifecycle.Overtaken, Refused) as error:
            return type(error).__name__
        if problems:
            return f"seed {seed}: {problems[0]}"
    return ""
