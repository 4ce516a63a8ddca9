"""Refreshing over real loopback HTTP, against the suppliers' stand-ins and their own truth."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.suppliers.errors import SupplierError
from catalog.suppliers.giftapi import client
from funding import mirroring, refreshing
from funding.models import Account, Entry, Reading


def refresh(supplier):
    return refreshing.refresh(supplier=supplier, now=timezone.now())


def told_deposits(lab):
    return {str(row.id): (row.amount, row.currency, row.status) for row in lab.books["plexy_gate"].deposits}


def mirrored_deposits():
    return {entry.supplier_key: (entry.amount, entry.currency, entry.status) for entry in Entry.objects.all()}


def test_plexy_balances_and_deposits_are_what_its_books_say(lab, plexy):
    refresh(plexy)

    assert {one.currency: one.available for one in Account.objects.filter(state__in=["ok", "exhausted"])} == dict(
        lab.books["plexy_gate"].balances)
    assert mirrored_deposits() == told_deposits(lab)


def test_giftapi_arithmetic_with_an_overdraft(lab, giftapi):
    lab.books["giftapi"].set_balance("USD", "-58.18")

    account = refresh(giftapi).accounts[0]

    limit = lab.books["giftapi"].overdraft_limit
    assert (account.balance, account.available) == (Decimal("-58.18"), limit - Decimal("58.18"))
    assert (account.state, account.is_overdrafted, account.warning) == ("overdrawn", True, "")


def test_giftapi_ledger_is_mirrored_row_by_row(lab, giftapi):
    refresh(giftapi)

    told = sorted((row.amount, row.balance_after) for row in lab.books["giftapi"].ledger)
    assert sorted(Entry.objects.values_list("amount", "balance_after")) == told
    assert Account.objects.get().first_break is None


def test_refreshing_again_adds_readings_and_no_entries(lab, plexy, giftapi):
    for supplier in (plexy, giftapi):
        assert refresh(supplier).new_entries > 0
        assert refresh(supplier).new_entries == 0

    assert Reading.objects.filter(account__supplier=giftapi).count() == 2


def test_deposit_is_followed_from_pending_to_posted(lab, plexy):
    books = lab.books["plexy_gate"]
    deposit = books.deposit("USD", "250", status="pending")
    refresh(plexy)
    before = Account.objects.get(currency="USD").available
    assert mirrored_deposits()[str(deposit.id)] == (250, "USD", "pending")

    books.post(deposit.id)
    refresh(plexy)

    assert mirrored_deposits()[str(deposit.id)] == (250, "USD", "posted")
    assert Account.objects.get(currency="USD").available == before + 250


def test_new_charge_and_top_up_appear_in_the_ledger(lab, giftapi):
    refresh(giftapi)
    lab.books["giftapi"].deposit("USD", "500")

    assert refresh(giftapi).new_entries == 1
    assert Entry.objects.filter(word="topup", amount=500).exists()
    assert Account.objects.get().first_break is None


def test_many_deposits_are_read_page_by_page(lab, plexy, settings):
    plexy.settings = {"page_size": 20}
    plexy.save(update_fields=["settings"])
    for _ in range(130):
        lab.books["plexy_gate"].deposit("USD", "1", status="pending")

    refresh(plexy)

    assert mirrored_deposits() == told_deposits(lab)


@pytest.mark.parametrize("fault", ["reset", "html", "truncated", "empty", "malformed"])
def test_broken_balance_keeps_the_last_good_one(lab, giftapi, fault):
    refresh(giftapi)
    good = Account.objects.get()

    lab.fail("giftapi", "getBalance", fault, times=9)
    with pytest.raises(SupplierError, match=r"^Balances: "):
        refresh(giftapi)

    kept = Account.objects.get()
    assert (kept.available, kept.read_at, kept.state) == (good.available, good.read_at, good.state)


@pytest.mark.parametrize(("fault", "options"), [
    ("page_empty", {}), ("page_repeat", {}), ("page_error", {}), ("page_endless", {})])
def test_broken_list_loses_nothing_once_it_is_well_again(lab, plexy, fault, options):
    plexy.settings = {"page_size": 20}
    plexy.save(update_fields=["settings"])
    for _ in range(90):
        lab.books["plexy_gate"].deposit("USD", "1", status="pending")
    lab.fail("plexy_gate", "listDeposits", fault, times=None, **options)

    with pytest.raises(SupplierError, match=r"^Books: "):
        refresh(plexy)
    lab.board.clear()
    refresh(plexy)

    assert mirrored_deposits() == told_deposits(lab)


def test_rejected_key_is_told_and_changes_nothing(lab, giftapi):
    lab.fail("giftapi", "getBalance", "revoked")
    lab.fail("giftapi", "listBalanceTransactions", "revoked")

    with pytest.raises(SupplierError):
        refresh(giftapi)

    assert not Account.objects.exists()


def test_long_ledger_is_caught_up_over_several_refreshes(lab, giftapi, monkeypatch):
    monkeypatch.setattr(mirroring, "PAGES_MAX", 1)

    for _ in range(4):
        refresh(giftapi)
        lab.books["giftapi"].deposit("USD", 5)
    refresh(giftapi)

    assert Entry.objects.count() == len(lab.books["giftapi"].ledger)
    assert Account.objects.get().first_break is None


def test_row_lost_at_a_pages_edge_breaks_the_chain_until_the_edge_has_moved(lab, giftapi, monkeypatch):
    """The documented cursor knows seconds only: what shares the second of a page's last row is skipped."""
    monkeypatch.setattr(client, "ENTRIES_PER_PAGE", 3)
    lab.fail("giftapi", "listBalanceTransactions", "second_cursor")
    ledger, second = lab.books["giftapi"].ledger, timezone.now().replace(microsecond=0) - timedelta(minutes=1)
    for _ in range(4):
        lab.books["giftapi"].deposit("USD", "10")
    *twins, last = ledger[-4:]
    ledger[-4:] = [*(replace(row, at=second) for row in twins), replace(last, at=second + timedelta(seconds=9))]

    refresh(giftapi)
    lost = Account.objects.get().first_break
    ledger.append(replace(ledger[-1], number=10**6, amount=Decimal(1), balance_after=ledger[-1].balance_after + 1))
    ledger.append(replace(ledger[-1], number=10**6 + 1, balance_after=ledger[-1].balance_after + 1))
    refresh(giftapi)

    assert lost is not None
    assert Account.objects.get().first_break is None
    assert Entry.objects.filter(occurred_at=second).count() == 3
