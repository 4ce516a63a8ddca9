"""The two rules of the inbox, broken on purpose: the invariant that is named must notice.

I-20: every verified notice is stored, and many copies of one are one. I-21: what a notice says changes nothing.
"""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection

from orders import inbox, noticing, tasks
from orders.models import Notice, Order
from orders.models.notice import Result

from . import sender

pytestmark = [pytest.mark.pg, pytest.mark.django_db(transaction=True)]
AT_ONCE = 2


def notice_is_believed(patch):
    def believe(notice, now):
        told = json.loads(inbox.open_body(notice))["data"]["order"]
        Order.objects.filter(attempts__ref=told["external_id"]).update(status=told["status"], finished_at=now)
        return ()

    patch.setitem(noticing.STEPS, "order", believe)


def notice_is_looked_for_before_it_is_stored(patch):
    gate = threading.Barrier(AT_ONCE)

    def look_then_store(supplier, notice, digest, sealed, now):
        found = Notice.objects.filter(supplier=supplier, event_key=notice.key, body_digest=digest).first()
        gate.wait(30)
        row = found or Notice.objects.create(
            supplier=supplier, event_key=notice.key, body_digest=digest, sealed_body=sealed, kind=notice.kind,
            event=notice.event, received_at=now, last_received_at=now, due_at=now, result=Result.WAITING)
        return row.pk, 2 if found else 1

    patch.setattr(inbox, "_store", look_then_store)


def forged_notice(attempt, send):
    send(attempt, status="failed")
    tasks.follow_notice(Notice.objects.get().pk)
    return [] if Order.objects.get().status == "accepted" else ["I-21: a notice moved an order by itself"]


def copies_at_once(attempt, send):
    body = sender.body_of(attempt)

    def post(_):
        try:
            return send(body=body).status_code
        except IntegrityError:
            return 500
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(post, range(AT_ONCE)))
    taken = answers == [200] * AT_ONCE and Notice.objects.count() == 1
    return [] if taken else [f"I-20: copies of one notice were answered {sorted(answers)}"]


MUTANTS = [(notice_is_believed, forged_notice, "I-21"), (notice_is_looked_for_before_it_is_stored, copies_at_once, "I-20")]


@pytest.mark.parametrize(("mutant", "script", "invariant"), MUTANTS, ids=lambda one: getattr(one, "__name__", one))
def test_mutant_is_killed_by_its_invariant(accepted, send, monkeypatch, mutant, script, invariant):
    mutant(monkeypatch)

    assert [problem[:4] for problem in script(accepted, send)] == [invariant]


@pytest.mark.parametrize("script", [forged_notice, copies_at_once])
def test_script_breaks_nothing_without_a_mutant(accepted, send, script):
    assert script(accepted, send) == []
