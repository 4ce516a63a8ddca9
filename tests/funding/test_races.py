"""Two of the same at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from django_q.models import OrmQ

from funding import refreshing, thresholds
from funding.models import Account, Entry, Threshold
from tests.funding.conftest import NOON, a_deposit, a_reading

pytestmark = [pytest.mark.pg, pytest.mark.django_db(transaction=True)]


def together(act, count=4):
    """Run `act(number)` in `count` threads that start at the same moment."""
    start = Barrier(count)

    def run(number):
        try:
            start.wait()
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_refreshes_at_once_store_each_entry_once(shop, books):
    books.page_size = 10
    books.rows = [a_deposit(number, minutes=number) for number in range(60, 0, -1)]
    books.readings = [a_reading("100")]

    together(lambda _: refreshing.refresh(supplier=shop, now=NOON))

    assert Entry.objects.count() == 60
    assert Account.objects.get().available == 100


def test_latest_question_wins_however_the_answers_arrive(shop, books, monkeypatch):
    def read(number):
        reading, asked_at = a_reading(str(100 - number)), NOON + timedelta(seconds=number)
        refreshing._keep_reading(shop, reading, asked_at)  # the wire would blur the order in which they were asked

    together(read, count=8)

    assert Account.objects.get().available == 93


def test_people_who_ask_at_once_ring_the_queue_once(shop):
    asked = together(lambda _: refreshing.ask(suppliers=[shop], now=NOON), count=6)

    assert sorted(asked) == [0] * 5 + [1]
    assert OrmQ.objects.count() == 1


def test_checks_at_once_add_up_to_one_crossing(account):
    Threshold.objects.create(account=account, trigger_amount=200, clear_amount=300)

    crossings = together(lambda _: thresholds.check(now=NOON), count=6)

    assert sum(map(len, crossings)) == 1


def test_check_that_waited_for_another_does_not_cross_again(account):
    """All look before any writes; the first keeps its row lock until the others wait behind it."""
    threshold = Threshold.objects.create(account=account, trigger_amount=200, clear_amount=300)
    looked = Barrier(4)

    def move(number):
        seen = Threshold.objects.get(pk=threshold.pk)
        with transaction.atomic():
            looked.wait()
            moved = thresholds._move(seen, account, crossed_at=NOON + timedelta(seconds=number))
            time.sleep(0.2)
            return moved

    assert sorted(together(move)) == [False, False, False, True]
