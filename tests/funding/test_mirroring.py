"""Mirroring books without loss and without doubles."""

from datetime import timedelta

import pytest

from catalog.suppliers.errors import Invalid, Unanswered
from catalog.suppliers.types import EntryStatus, Page
from funding import mirroring
from funding.models import Account, Books, Entry
from tests.funding.conftest import NOON, a_deposit

HOUR = 60


def rows(*numbers):
    """Deposits, newest first, an hour apart; the highest number is the newest."""
    return [a_deposit(number, minutes=(number - 20) * HOUR) for number in sorted(numbers, reverse=True)]


@pytest.fixture
def mirror(shop, books):
    def run(now=NOON):
        books.asked.clear()
        return mirroring.mirror(supplier=shop, client=books, now=now)

    return run


def mirrored():
    return sorted(int(key) for key in Entry.objects.values_list("supplier_key", flat=True))


def test_first_walk_reads_everything(books, mirror):
    books.rows = rows(*range(1, 9))

    assert mirror() == mirroring.Mirrored(new=8)
    assert mirrored() == list(range(1, 9))


def test_second_walk_adds_nothing_twice(books, mirror):
    books.rows = rows(*range(1, 9))
    mirror()

    assert mirror().new == 0
    assert mirrored() == list(range(1, 9))


def test_later_walk_stops_behind_the_overlap(books, mirror):
    books.rows = rows(*range(1, 16))
    mirror()

    books.rows = rows(*range(1, 17))
    mirror()

    assert mirrored() == list(range(1, 17))
    assert books.asked == [None, "3", "6", None]


def test_row_that_appears_late_inside_the_overlap_is_found(books, mirror):
    books.total_told, books.page_size = False, 1
    books.rows = rows(*range(1, 14), 15)
    mirror()

    books.rows = rows(*range(1, 16))
    mirror()

    assert mirrored() == list(range(1, 16))


def test_backdated_row_is_found_where_the_supplier_tells_the_total(books, mirror):
    books.rows = rows(1, *range(3, 16))
    mirror()

    books.rows = rows(*range(1, 16))
    mirror()

    assert mirrored() == list(range(1, 16))


def test_walk_that_broke_off_leaves_no_hole(books, mirror):
    books.rows = rows(*range(1, 4))
    mirror()
    books.rows = rows(*range(1, 16))
    books.fail_at = {3: Unanswered("timed out")}

    broken = mirror()
    books.fail_at = {}
    mirror()

    assert broken == mirroring.Mirrored(new=6, failure="timed out")
    assert mirrored() == list(range(1, 16))


def test_rows_that_push_the_pages_down_are_not_lost(books, mirror):
    books.rows = rows(*range(1, 8))

    def arrive(fake):
        if len(fake.asked) == 2:
            fake.rows = rows(*range(1, 10))

    books.before_page = arrive
    mirror()

    assert mirrored() == list(range(1, 10))


def test_oldest_first_lists_are_read_whole_each_time(books, mirror):
    books.total_told = False
    books.rows = rows(*range(1, 9))[::-1]
    mirror()

    books.rows = rows(*range(1, 10))[::-1]
    mirror()

    assert mirrored() == list(range(1, 10))


def test_twins_of_one_second_across_a_page_edge_are_both_kept(books, mirror):
    books.rows = [a_deposit(number, minutes=0) for number in range(1, 6)]
    mirror()

    assert mirrored() == [1, 2, 3, 4, 5]


def test_rows_of_one_second_are_listed_as_the_supplier_lists_them(books, mirror):
    books.rows = [a_deposit(number) for number in (7, 3, 5)]
    mirror()

    listed = Entry.objects.order_by("-occurred_at", "-id")
    assert [entry.supplier_key for entry in listed] == ["7", "3", "5"]


def test_pending_deposit_becomes_posted_and_nothing_else_changes(books, mirror):
    books.rows = [a_deposit(1, status=EntryStatus.PENDING, word="pending")]
    mirror()

    books.rows = [a_deposit(1, word="posted", amount="999", posted_at=NOON + timedelta(hours=1))]
    mirror()

    entry = Entry.objects.get()
    assert (entry.status, entry.word, entry.posted_at) == ("posted", "posted", NOON + timedelta(hours=1))
    assert entry.amount == 10


def test_posted_deposit_never_becomes_pending_again(books, mirror):
    books.rows = [a_deposit(1)]
    mirror()

    books.rows = [a_deposit(1, status=EntryStatus.PENDING)]
    mirror()

    assert Entry.objects.get().status == "posted"


def test_old_pending_deposit_is_still_watched(books, mirror):
    old = a_deposit(1, minutes=-19 * HOUR, status=EntryStatus.PENDING)
    books.rows = [*rows(*range(5, 20)), old]
    mirror()

    books.rows = [*rows(*range(5, 20)), a_deposit(1, minutes=-19 * HOUR)]
    mirror()

    assert Entry.objects.get(supplier_key="1").status == "posted"


def test_history_too_long_for_one_walk_is_continued_by_the_next(books, mirror, monkeypatch):
    monkeypatch.setattr(mirroring, "PAGES_MAX", 2)
    books.rows = rows(*range(1, 16))

    counts = [len(mirrored()) for _ in range(4) if mirror()]

    assert counts == [6, 12, 15, 15]
    assert Books.objects.get().backfill_cursor == ""


def test_forgotten_place_in_a_long_history_starts_over(books, mirror, monkeypatch):
    monkeypatch.setattr(mirroring, "PAGES_MAX", 2)
    books.rows = rows(*range(1, 16))
    mirror()
    books.fail_at = {4: Invalid("unknown cursor")}

    assert mirror().failure == "unknown cursor"
    forgotten = Books.objects.get()
    assert (forgotten.backfill_cursor, forgotten.complete_to) == ("", None)
    books.fail_at = {}
    for _ in range(4):
        mirror()

    assert mirrored() == list(range(1, 16))


@pytest.mark.parametrize("cursor", [lambda number: "same", lambda number: str(number)])
def test_endless_list_is_given_up(shop, cursor):
    class Endless:
        asked = 0

        def entries(self, _):
            self.asked += 1
            return Page(items=tuple(rows(1, 2)), next_cursor=cursor(self.asked))

    client = Endless()
    result = mirroring.mirror(supplier=shop, client=client, now=NOON)

    assert "repeats itself" in result.failure
    assert client.asked < 5
    assert mirrored() == [1, 2]


def test_list_that_ends_early_is_not_taken_for_whole(shop, books, mirror, monkeypatch):
    books.rows = rows(*range(1, 9))
    whole = books.entries
    monkeypatch.setattr(books, "entries", lambda cursor: (
        Page(items=(), total=8) if cursor == "3" else whole(cursor)))
    failure = mirror().failure
    monkeypatch.undo()
    mirror()

    assert failure == "the list ended after 3 of 8 rows"
    assert mirrored() == list(range(1, 9))


def test_row_dated_in_the_future_does_not_stop_later_walks_early(books, mirror):
    books.total_told = False
    odd = a_deposit(99, minutes=3650 * HOUR)
    books.rows = [odd, *rows(*range(1, 16))]
    mirror()

    books.rows = [odd, *rows(*range(1, 17))]
    mirror()

    assert 16 in mirrored()


def test_empty_books_are_fine(books, mirror):
    assert mirror() == mirroring.Mirrored(new=0)


def test_entry_of_a_currency_never_read_opens_an_unread_account(books, mirror):
    books.rows = [a_deposit(1, currency="EUR")]
    mirror()

    account = Account.objects.get()
    assert (account.currency, account.state, account.available) == ("EUR", "unknown", None)


def test_same_key_in_two_currencies_is_two_entries(books, mirror):
    books.rows = [a_deposit(1, currency="EUR"), a_deposit(1, currency="USD")]
    mirror()

    assert Entry.objects.count() == 2
