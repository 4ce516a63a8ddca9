"""Copies of a notice at once, on real row locks."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from orders import refusals, tasks
from orders.models import Notice, NoticeRefusal, Order

from . import sender

pytestmark = [pytest.mark.pg, pytest.mark.django_db(transaction=True)]


def at_once(count, act):
    """The results of `count` threads that start `act` together."""
    gate = threading.Barrier(count)

    def run(number):
        gate.wait()
        try:
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.fault("F47")
def test_two_copies_at_once_are_one_row_and_one_fetch(accepted, send, finish):
    finish(accepted)
    body = sender.body_of(accepted)

    answers = at_once(2, lambda _: send(body=body).status_code)
    at_once(2, lambda _: tasks.follow_notice(Notice.objects.get().pk))

    assert answers == [200, 200]
    assert (Notice.objects.get().copies, sender.fetches(), Order.objects.get().status) == (2, 1, "completed")


@pytest.mark.fault("F47")
def test_fifty_copies_at_once_are_one_row_and_one_fetch(accepted, send, finish):
    finish(accepted)
    body = sender.body_of(accepted)

    answers = at_once(10, lambda _: [send(body=body).status_code for _ in range(5)])
    at_once(4, lambda _: tasks.follow_notice(Notice.objects.get().pk))

    assert answers == [[200] * 5] * 10
    assert (Notice.objects.get().copies, sender.fetches(), Order.objects.get().status) == (50, 1, "completed")


def test_different_notices_at_once_are_one_fetch(accepted, send):
    bodies = [sender.body_of(accepted) for _ in range(6)]
    at_once(6, lambda number: send(body=bodies[number]))

    at_once(6, lambda number: tasks.follow_notice(Notice.objects.order_by("pk")[number].pk))

    assert (Notice.objects.count(), sender.fetches()) == (6, 1)


def test_refusals_at_once_are_all_counted(giftapi, now):
    at_once(6, lambda _: [refusals.count(supplier=giftapi, reason="signature", now=now) for _ in range(3)])

    assert NoticeRefusal.objects.get().count == 18
