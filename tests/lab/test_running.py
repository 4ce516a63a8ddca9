"""The lab as a process: starts fast, answers much, remembers what was bought, ends when told."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.suppliers.lab import Lab
from tests.lab.asking import GiftAsker, PlexyAsker, shops

ROOT = Path(__file__).parents[2]


@pytest.fixture
def started():
    """Starts labs of its own and stops them afterwards."""
    labs = []

    def start(*args, **options):
        labs.append(Lab(*args, **options))
        labs[-1].start()
        return labs[-1]

    yield start
    for lab in labs:
        lab.stop()


def test_books_in_a_file_outlive_the_lab(started, tmp_path):
    first = started(tmp_path / "books.sqlite3")
    gift, plexy = GiftAsker(first), PlexyAsker(first)
    gift.order("REF-1", sku=gift.data_pack().sku)
    plexy.order()
    plexy.books.deposit("EUR", "12.50")
    gift.books.set_price(gift.card().sku, "3.21")
    plexy.books.retire(plexy.voucher("EUR").ref)
    kept = [(books.balances, books.orders, books.ledger, books.deposits, books.goods, books.products, books.esims)
            for books in shops(first)]
    first.stop()

    second = started(tmp_path / "books.sqlite3")

    assert [(books.balances, books.orders, books.ledger, books.deposits, books.goods, books.products, books.esims)
            for books in shops(second)] == kept
    assert PlexyAsker(second).order().status == 200
    assert GiftAsker(second).order("REF-1").status == 409
    assert len(second.books["giftapi"].purchases()) == 1


def test_reset_empties_the_file_too(started, tmp_path):
    first = started(tmp_path / "books.sqlite3")
    GiftAsker(first).order()
    first.reset()
    first.stop()

    assert started(tmp_path / "books.sqlite3").books["giftapi"].purchases() == []


def test_seconds_make_the_demo_move(started):
    lab = started(seconds=3600)

    assert GiftAsker(lab).order().json["data"]["status"] == "processing"
    assert PlexyAsker(lab).order().json["status"] == "pending"


def test_many_callers_are_answered(ask_giftapi):
    with ThreadPoolExecutor(30) as pool:
        told = list(pool.map(lambda number: ask_giftapi.order(f"RUN-{number}").status, range(300)))

    assert told == [200] * 300
    assert len(ask_giftapi.books.charges()) == 300


def test_unknown_paths_are_not_found(ask_giftapi):
    assert ask_giftapi.send("GET", "/nobody/orders").status == 404
    assert ask_giftapi.send("GET", "/giftapi/nothing").status == 404
    assert ask_giftapi.send("DELETE", "/giftapi/orders").status == 404


def test_unreadable_request_ends_the_connection_only(ask_giftapi, capsys):
    assert ask_giftapi.send("POST", "/giftapi/orders", b"x", {"Content-Length": str(5 << 20)}).status == 400
    assert ask_giftapi.get("/me").status == 200


@pytest.mark.parametrize("options", [
    {"port": "taken"}, {"port": 99999}, {"books": "/nowhere/books.sqlite3"}, {"notify": ["giftapi=http://example.com/"]},
    {"notify": ["plexy_gate=http://127.0.0.1/"]},
])
def test_command_says_why_it_cannot_start(lab, options):
    taken = int(lab.url.rpartition(":")[2])

    with pytest.raises(CommandError, match="cannot start") as refused:
        call_command("lab", **{**options, **({"port": taken} if options.get("port") == "taken" else {})})

    assert refused.value.returncode == 2


def test_command_refuses_odd_pairs():
    with pytest.raises(CommandError, match="SUPPLIER=VALUE"):
        call_command("lab", notify=["http://127.0.0.1/"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_command_serves_until_it_is_told_to_stop(tmp_path, number):
    command = [sys.executable, "manage.py", "lab", "--books", str(tmp_path / "books.sqlite3")]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        word, url = process.stdout.readline().split()
        asker = GiftAsker(type("Remote", (), {"url": url})())
        alive = asker.send("GET", "/plexy_gate/health").status
        process.send_signal(number)
        started = time.monotonic()
        code = process.wait(10)

    assert (word, alive, code) == ("ready", 200, 0)
    assert time.monotonic() - started < 5
