"""Single rows of reference data, read by a person through the command."""

import json

import pytest
from django.core.management import CommandError, call_command

from catalog import gateway
from catalog.suppliers.octopus_cards.reference import READS

pytestmark = pytest.mark.django_db


def ids(lab, octopus, name):
    """A number of each sort that the stand-in knows, asked through its lists."""
    client = gateway.connect(octopus)
    lists = {"getVoucherProduct": "/products", "getWallet": "/wallets", "getTransaction": "/transactions",
             "getCountry": "/countries", "getCategory": "/categories", "getSubcategory": "/subcategories"}
    body = client._read("listCurrencies", lists[name])
    rows = body if isinstance(body, list) else next(value for value in body.values() if isinstance(value, list))
    return str(rows[0]["id"])


@pytest.mark.parametrize("operation", [name for name, path in READS.items() if "{id}" in path])
def test_row_is_printed_as_the_supplier_tells_it(octopus, lab, operation, capsys):
    number = ids(lab, octopus, operation)

    call_command("read_supplier", octopus.name, operation, number)

    assert f'"id": {number}' in capsys.readouterr().out
    assert lab.calls("octopus_cards", operation)


def test_list_is_printed(octopus, lab, capsys):
    call_command("read_supplier", octopus.name, "listCountries")

    assert json.loads(capsys.readouterr().out)
    assert lab.calls("octopus_cards", "listCountries")


def test_what_can_be_read_is_listed(octopus, capsys):
    call_command("read_supplier", octopus.name)

    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(READS)


@pytest.mark.parametrize(("arguments", "told"), [
    (["getPlanet", "1"], "There are:"), (["getWallet"], "needs the supplier's number"),
    (["listCountries", "1"], "takes no number"),
])
def test_odd_question_is_refused(octopus, arguments, told):
    with pytest.raises(CommandError, match=told) as refused:
        call_command("read_supplier", octopus.name, *arguments)

    assert refused.value.returncode == 2


def test_supplier_without_such_data_is_refused(plexy):
    with pytest.raises(CommandError, match="nothing of the kind"):
        call_command("read_supplier", plexy.name)


def test_thing_that_is_not_there_is_told(octopus):
    with pytest.raises(CommandError) as failed:
        call_command("read_supplier", octopus.name, "getWallet", "999999")

    assert failed.value.returncode == 1
