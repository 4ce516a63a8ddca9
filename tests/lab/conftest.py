"""The stand-ins, asked by hand."""

import pytest

from tests.lab.asking import GiftAsker, OctopusAsker, PlexyAsker


@pytest.fixture
def ask_plexy(lab):
    return PlexyAsker(lab)


@pytest.fixture
def ask_giftapi(lab):
    return GiftAsker(lab)


@pytest.fixture
def ask_octopus(lab):
    return OctopusAsker(lab)
