"""Where a running balance breaks."""

from dataclasses import replace

import pytest

from funding import mirroring
from funding.models import Account
from tests.funding.conftest import NOON, a_charge


@pytest.fixture
def first_break(shop, books):
    """Mirror `rows` (oldest first) and give the key of the entry where the chain breaks, or None."""

    def run(*rows, page_size=50):
        books.rows, books.page_size = list(reversed(rows)), page_size
        mirroring.mirror(supplier=shop, client=books, now=NOON)
        found = Account.objects.get().first_break
        return found and found.supplier_key

    return run


def test_whole_chain_has_no_break(first_break):
    assert first_break(
        a_charge(1, amount="100", after="100"), a_charge(2, amount="-29.09", after="70.91", seconds=1),
        a_charge(3, amount="-0.01", after="70.90", seconds=2)) is None


def test_swallowed_charge_is_pointed_at(first_break):
    assert first_break(
        a_charge(1, amount="100", after="100"), a_charge(3, amount="-10", after="70", seconds=2),
        a_charge(4, amount="-10", after="50", seconds=3)) == "3"


def test_rows_of_one_second_may_stand_in_any_order(first_break):
    assert first_break(
        a_charge(1, amount="100", after="100"),
        a_charge(3, amount="-10", after="80", seconds=1), a_charge(2, amount="-10", after="90", seconds=1),
        a_charge(4, amount="-10", after="70", seconds=2)) is None


def test_first_rows_of_one_second_may_stand_in_any_order(first_break):
    assert first_break(
        a_charge(2, amount="-10", after="90"), a_charge(1, amount="100", after="100"),
        a_charge(3, amount="-10", after="80", seconds=1)) is None


def test_break_behind_disordered_twins_is_found(first_break):
    assert first_break(
        a_charge(1, amount="100", after="100"),
        a_charge(3, amount="-10", after="80", seconds=1), a_charge(2, amount="-10", after="90", seconds=1),
        a_charge(4, amount="-10", after="69", seconds=2)) == "4"


def test_twins_across_a_page_edge_hold_together(first_break):
    rows = [a_charge(n, amount="-1", after=str(100 - n)) for n in range(1, 8)]

    assert first_break(*rows, page_size=3) is None


def test_smallest_digit_counts(first_break):
    assert first_break(
        a_charge(1, amount="100", after="100"), a_charge(2, amount="-0.01", after="99.98", seconds=1)) == "2"


def test_break_goes_when_the_missing_row_arrives(first_break):
    first, lost = a_charge(1, amount="100", after="100"), a_charge(2, amount="-10", after="90", seconds=1)
    third = a_charge(3, amount="-10", after="80", seconds=2)

    assert first_break(first, third) == "3"
    assert first_break(first, lost, third) is None


def test_break_among_new_rows_is_found_after_a_whole_past(first_break):
    past = [a_charge(n, amount="-1", after=str(100 - n), seconds=n) for n in range(1, 8)]

    assert first_break(*past) is None
    assert first_break(*past, a_charge(9, amount="-1", after="91", seconds=9)) == "9"


def test_row_that_arrives_late_in_the_past_is_looked_at(first_break):
    past = [a_charge(n, amount="-1", after=str(100 - n), seconds=n) for n in range(1, 8)]
    odd = a_charge(99, amount="-5", after="50", seconds=3)

    assert first_break(*past) is None
    assert first_break(*past[:3], odd, *past[3:]) == "99"


def test_rows_without_a_balance_break_nothing(first_break):
    silent = replace(a_charge(2, amount="5", after="0", seconds=1), balance_after=None)

    assert first_break(a_charge(1, amount="100", after="100"), silent) is None
