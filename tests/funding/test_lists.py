"""Deposits, transactions and their export."""

import csv
import io

import pytest

from catalog import exporting
from catalog.models import Export
from funding.models import Entry
from tests.funding.conftest import a_charge, a_deposit, text

DEPOSITS, TRANSACTIONS = "/funding/deposits/", "/funding/transactions/"


def keys(response):
    return [entry.supplier_key for entry in response.context["entries"]]


@pytest.mark.parametrize(("query", "found"), [
    ("", ["3", "2", "1"]), ("status=pending", ["2"]), ("status=posted", ["3", "1"]), ("currency=EUR", ["3"]),
    ("supplier=shop", ["3", "2", "1"]), ("since=2026-03-03", ["3"]),
    ("until=2026-03-02", ["2", "1"]), ("since=2026-03-02&until=2026-03-02&status=posted", ["1"]),
    ("currency=EUR&status=pending", []),
])
def test_deposits_are_filtered_by_the_address(finance, mirror, query, found):
    mirror(a_deposit(3, minutes=24 * 60, currency="EUR"), a_deposit(2, minutes=1, status="pending"), a_deposit(1))

    assert keys(finance.get(f"{DEPOSITS}?{query}")) == found


def test_deposit_page_shows_amount_status_and_reference(finance, mirror):
    mirror(a_deposit(1, amount="250", external_ref="WIRE-2024-10-17"))

    shown = text(finance.get(DEPOSITS))

    assert "250.00" in shown and "Posted" in shown and "WIRE-2024-10-17" in shown


def test_empty_lists_say_why(finance, mirror):
    assert "No deposits yet" in text(finance.get(DEPOSITS))
    assert "No transactions yet" in text(finance.get(TRANSACTIONS))
    mirror(a_deposit(1))
    assert "No deposit matches this filter" in text(finance.get(f"{DEPOSITS}?status=pending"))


def test_lists_are_walked_forth_and_back_without_loss(finance, mirror):
    mirror(*(a_deposit(number, minutes=number // 3) for number in range(120, 0, -1)))

    seen, address = [], ""
    for _ in range(3):
        response = finance.get(f"{DEPOSITS}{address}")
        seen.append(keys(response))
        address = response.context["older"]
    back = finance.get(f"{DEPOSITS}{response.context['newer']}")

    assert [len(page) for page in seen] == [50, 50, 20]
    assert len({key for page in seen for key in page}) == 120
    assert address == ""
    assert keys(back) == seen[1]


def test_transactions_are_filtered_by_the_suppliers_order(finance, mirror):
    mirror(a_charge(2, amount="-5", after="90", seconds=1, order_id="there-2"),
           a_charge(1, amount="-5", after="95", order_id="there-1"))

    assert keys(finance.get(f"{TRANSACTIONS}?order=there-1")) == ["1"]


def test_first_break_is_marked_and_linked(finance, mirror):
    mirror(a_charge(3, amount="-10", after="70", seconds=2), a_charge(1, amount="100", after="100"))

    response = finance.get(TRANSACTIONS)
    linked = finance.get(response.context["breaks"][0]["url"])

    assert "Chain breaks here" in text(response) and "−20.00" in text(response)
    assert keys(linked) == ["3", "1"]


def test_list_budget(finance, mirror, django_assert_max_num_queries):
    mirror(*(a_deposit(number) for number in range(60)))

    with django_assert_max_num_queries(10):
        finance.get(DEPOSITS)


def test_fragment_alone_answers_htmx(finance, mirror):
    mirror(a_deposit(1))

    assert text(finance.get(DEPOSITS, headers={"HX-Request": "true"})).startswith('<div id="deposits">')


def test_foreign_text_is_shown_and_not_run(finance, mirror):
    mirror(a_deposit(1, external_ref="<script>alert(1)</script>", method="<b>bank</b>"))

    assert "<script>alert(1)" not in text(finance.get(DEPOSITS))
    assert "<b>bank</b>" not in text(finance.get(DEPOSITS))


# CSV


def table(response):
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode(), newline="")))


def test_export_is_exactly_the_filter(finance, mirror):
    mirror(a_deposit(3, currency="EUR"), a_deposit(2, status="pending"), a_deposit(1, amount="-29.09"))

    response = finance.get("/funding/deposits.csv?currency=USD&status=posted")

    assert 'filename="deposits-usd-posted.csv"' in response["Content-Disposition"]
    heading, *rows = table(response)
    assert [dict(zip(heading, row, strict=True))["amount"] for row in rows] == ["-29.09"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "|"])
def test_export_holds_no_formula(finance, mirror, start):
    mirror(a_deposit(1, external_ref=f'{start}HYPERLINK("x","y")'))

    heading, row = table(finance.get("/funding/deposits.csv"))

    assert row[heading.index("external_ref")] == f"'{start}HYPERLINK(\"x\",\"y\")"


def test_export_quotes_as_the_standard_says(finance, mirror):
    mirror(a_deposit(1, external_ref='a "b", c\nd'))

    raw = b"".join(finance.get("/funding/deposits.csv").streaming_content).decode()

    assert '"a ""b"", c\nd"' in raw and raw.endswith("\r\n")


def test_export_without_rows_has_its_headings(finance):
    assert len(table(finance.get("/funding/transactions.csv"))) == 1
    assert not Entry.objects.exists()


def test_export_stops_at_the_cap_and_says_so(finance, mirror, monkeypatch):
    monkeypatch.setattr(exporting, "CAP", 2)
    mirror(*(a_deposit(number, minutes=number) for number in range(3)))

    response = finance.get("/funding/deposits.csv")

    assert "first-2.csv" in response["Content-Disposition"]
    assert [row[-1] for row in table(response)[1:]] == ["2", "1"]


def test_export_leaves_who_what_and_how_many(finance, mirror):
    mirror(a_deposit(2, currency="EUR"), a_deposit(1))

    finance.get("/funding/deposits.csv?currency=EUR")

    written = Export.objects.get()
    assert (written.by, written.what, written.filter, written.rows) == (finance.user, "deposits", "currency=EUR", 1)
