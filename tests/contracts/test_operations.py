"""The table of operations is whole and true: nothing documented is missing, and nothing in it is made up."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import get_resolver
from django.utils.module_loading import import_string

from catalog.suppliers import ports, registry
from monitoring import rounds
from tests.contracts.operations import PLACES, TABLE, documented, rendered

ROOT = Path(__file__).parents[2]
ROWS = [
    pytest.param(supplier, one, id=f"{supplier}-{one.operation}") for supplier, places in PLACES.items() for one in places]


@pytest.mark.parametrize("supplier", PLACES)
def test_every_documented_operation_has_one_row(supplier):
    assert sorted(one.operation for one in PLACES[supplier]) == sorted(documented(supplier))


@pytest.mark.parametrize(("supplier", "one"), ROWS)
def test_row_names_what_there_is(supplier, one):
    if one.without:
        assert len(one.without) > 20
        return
    port, _, method = one.port.partition(".")
    assert hasattr(getattr(ports, port), method)
    assert hasattr(registry.APIS[supplier].client, method)
    assert one.places
    for place in one.places:
        assert exists(place), place
    path, _, name = one.test.partition("::")
    assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE), one.test


def test_page_in_the_documents_is_this_table():
    assert TABLE.read_text() == rendered(), "run: python -m tests.contracts.operations"


def exists(place):
    """Whether a page, a command, a piece of the round or a job of this name exists."""
    if place.startswith("manage.py "):
        return place.removeprefix("manage.py ") in get_commands()
    if place.startswith("round:"):
        return place.removeprefix("round:") in rounds.PIECES
    if ":" in place:
        namespace, _, name = place.partition(":")
        return name in get_resolver().namespace_dict[namespace][1].reverse_dict
    return place in get_resolver().reverse_dict or callable(import_string(place))
