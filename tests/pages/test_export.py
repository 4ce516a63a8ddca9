"""The list as CSV: exactly the filter, a batch at a time, no formulas."""

import csv
import io

import pytest
from django.urls import reverse

from catalog import exporting as files
from catalog.models import Export
from orders import exporting
from tests.pages.test_list import references


@pytest.fixture
def client(page_client):
    return page_client("operations")


def exported(client, query=""):
    response = client.get(reverse("orders:export") + query)
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_export_is_exactly_the_filter(client, make_order):
    make_order("completed")
    failed = make_order("failed")

    head, *lines = exported(client, "?status=failed")

    assert head == list(exporting.HEAD)
    assert [line[1] for line in lines] == [failed.reference]


@pytest.mark.parametrize("start", ["=1+1", "+44", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_export_guards_against_formulas(client, make_order, start):
    make_order(recipient=start)

    line = exported(client)[1]

    assert line[exporting.HEAD.index("recipient")] == f"'{start}"


def test_export_reads_every_batch_once(client, make_order, monkeypatch):
    monkeypatch.setattr(exporting, "BATCH", 2)
    orders = references(*[make_order() for _ in range(5)])

    assert [line[1] for line in exported(client)[1:]] == orders


def test_export_stops_at_the_cap_and_says_so(client, make_order, monkeypatch):
    monkeypatch.setattr(files, "CAP", 2)
    for _ in range(3):
        make_order()

    response = client.get(reverse("orders:export"))

    assert "first-2.csv" in response["Content-Disposition"]
    assert len(list(response.streaming_content)) == 3


def test_export_of_an_odd_filter_is_refused(client, voucher):
    assert client.get(reverse("orders:export") + "?status=nonsense").status_code == 422


def test_export_leaves_who_what_and_how_many(client, make_order):
    make_order("failed")
    make_order("completed")

    exported(client, "?status=failed&after=")

    written = Export.objects.get()
    assert (written.by, written.what, written.filter, written.rows, written.is_cut) == (
        client.user, "orders", "status=failed", 1, False)


def test_refused_export_leaves_no_row(client, voucher):
    client.get(reverse("orders:export") + "?status=nonsense")

    assert not Export.objects.exists()
