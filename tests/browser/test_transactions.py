"""Support has a player on the line: a transaction is pasted, watched until it is known, and many more come from a file."""

import json

import pytest
from django.urls import reverse
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from playwright.sync_api import expect

from orders.models import ResultCode, Transaction
from orders.telling import FIELDS

pytestmark = pytest.mark.django_db(transaction=True)
TOLD = [name for name in FIELDS if name != "provider_id"]


@pytest.fixture
def rows(lab, wallet):
    """The supplier's own truth, by state; code 8 is known to mean failed."""
    ResultCode.objects.get_or_create(api="game_wallet", code="8", defaults={"word": "Rejected", "outcome": "failed"})
    return {row.state: row for row in lab.books["game_wallet"].transactions.values()}


def told(row):
    return {name: str(getattr(row, name)) for name in TOLD}


def work():
    for queued in OrmQ.objects.order_by("pk"):
        task = queued.task
        queued.delete()
        import_string(task["func"])(*task["args"], **task["kwargs"])


def test_transaction_is_pasted_watched_and_asked_again(lab, rows, enter, complaints):
    page = enter("support")
    row = rows["broken"]
    page.visit(reverse("orders:transactions"))

    page.get_by_role("link", name="Check a transaction").first.click()
    page.get_by_label("Paste the request").fill(json.dumps(told(row)))
    page.get_by_role("button", name="Check status").click()
    expect(page.locator("#transaction-badge")).to_have_text("Not asked yet")
    work()
    expect(page.locator("#transaction-badge")).to_have_text("Unknown", timeout=30000)
    lab.books["game_wallet"].become(row.transaction_id, "settled")
    page.get_by_role("button", name="Ask again now").click()
    work()
    expect(page.locator("#transaction-badge")).to_have_text("Confirmed", timeout=30000)

    expect(page.locator("#transaction-live")).to_contain_text("The supplier confirms this transaction.")
    expect(page.get_by_role("button", name="Ask again now")).to_have_count(0)
    kept = Transaction.objects.get()
    assert [check.outcome for check in kept.checks.order_by("id")] == ["unknown", "confirmed"]
    assert kept.player_id == str(row.player_id)
    assert complaints == []


def test_file_is_checked_and_its_result_taken_along(rows, enter, complaints, tmp_path):
    page = enter("operations")
    path = tmp_path / "shift.csv"
    lines = [",".join(TOLD), *(",".join(told(rows[state]).values()) for state in ("settled", "rejected")), "odd"]
    path.write_text("\n".join(lines))
    page.visit(reverse("orders:transaction_files"))

    page.get_by_label("CSV file").set_input_files(path)
    page.get_by_role("button", name="Check them").click()
    expect(page.locator("#transaction-file")).to_contain_text("0 of 2 answered")
    expect(page.locator("#transaction-file")).to_contain_text("It has 1 of 9 cells.")
    work()
    expect(page.locator("#transaction-file")).to_contain_text("2 of 2 answered", timeout=30000)
    with page.expect_download() as download:
        page.get_by_role("link", name="Result as CSV").click()

    result = download.value.path().read_text()
    assert [line.split(",")[10] for line in result.splitlines()[1:]] == ["confirmed", "failed", ""]
    assert complaints == []
