"""Asking about transactions: what confirms, what fails, what stays unknown, and how often it is asked again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, close_old_connections, connection, transaction

from catalog import clock, gateway
from catalog.models import Call
from orders import checking, entering, sweep
from orders.models import ResultCode, Transaction, TransactionCheck
from orders.models.transaction import TransactionStatus

pytestmark = pytest.mark.django_db
LARGEST = str(2**64 - 1)


def statuses(row):
    return list(row.checks.order_by("id").values_list("outcome", flat=True))


@pytest.mark.parametrize(("state", "status", "code"), [
    ("settled", "confirmed", "1"), ("pending", "pending", "7"), ("rejected", "failed", "8"), ("broken", "unknown", "2")])
def test_each_outcome_is_told_by_the_table(enter, ask, codes, state, status, code):
    row = ask(enter(state))

    assert (row.status, row.code, row.http_version) == (status, code, "HTTP/2")
    assert row.request_id
    assert statuses(row) == [status]


def test_code_without_a_meaning_is_unknown(enter, ask):
    ResultCode.objects.filter(code="8").delete()

    row = ask(enter("rejected"))

    assert (row.status, row.code) == ("unknown", "8")
    assert "not in the table of result codes" in row.detail
    assert row.due_at


def test_no_code_but_the_documented_one_confirms(db):
    for code, outcome in (("7", "confirmed"), ("1", "failed"), ("2", "failed")):
        with pytest.raises(IntegrityError), transaction.atomic():
            ResultCode.objects.create(api="another", code=code, outcome=outcome, word="x")


@pytest.mark.parametrize(("fault", "options"), [
    ("reset", {}), ("close", {}), ("html", {}), ("truncated", {}), ("echo", {}), ("malformed", {}), ("empty", {}),
    ("error", {"status": 503}), ("waf", {}), ("revoked", {})])
def test_whatever_breaks_leaves_it_unknown_and_due(lab, enter, ask, codes, fault, options):
    lab.fail("game_wallet", "walletStatus", fault, times=3, **options)

    row = ask(enter())

    assert (row.status, row.code) == ("unknown", "")
    assert row.due_at > row.changed_at
    assert row.detail


def test_unknown_is_asked_again_until_it_is_known(enter, ask, books, codes, now):
    row = ask(enter("broken", at=now), now)
    books.become(row.transaction_id, "settled")

    assert ask(row, now + timedelta(seconds=9)).status == "unknown"
    assert ask(row, now + timedelta(seconds=10)).status == "confirmed"
    assert statuses(row) == ["unknown", "confirmed"]


def test_questions_come_less_and_less_often_and_end(enter, ask, codes, now, monkeypatch):
    monkeypatch.setattr(checking, "GIVE_UP_AFTER", timedelta(hours=6))
    row, waits = enter("broken", at=now), []
    while row.due_at:
        asked_at = row.due_at
        row = ask(row, asked_at)
        waits += [(row.due_at - asked_at).total_seconds()] if row.due_at else []

    assert waits[:6] == [10, 30, 60, 300, 900, 3600]
    assert set(waits[5:]) == {3600}
    assert now + checking.GIVE_UP_AFTER <= asked_at < now + checking.GIVE_UP_AFTER + timedelta(hours=1)
    assert row.is_given_up
    assert row.status == "unknown"
    assert row.events.filter(kind="stopped").count() == 1


def test_person_has_it_asked_again_after_that(enter, ask, books, codes, staff, now):
    long_ago = now - timedelta(days=4)
    row = ask(enter("broken", at=long_ago), now)
    assert row.is_given_up
    books.become(row.transaction_id, "settled")
    by = staff("support")

    assert entering.ask_again(row=row, by=by, now=now)

    assert ask(row, now).status == "confirmed"
    assert row.checks.latest("id").by == by
    assert row.events.filter(kind="asked").get().by == by


def test_what_is_confirmed_is_not_asked_about(enter, ask, lab, codes, staff, now):
    row = ask(enter(at=now), now)

    assert not entering.ask_again(row=row, by=staff("support"), now=now)
    assert ask(row, now + timedelta(days=1)).status == "confirmed"
    assert len(lab.calls("game_wallet")) == 1


def test_less_known_never_replaces_better_known(lab, enter, ask, codes, now):
    row = ask(enter("pending", at=now), now)
    lab.fail("game_wallet", "walletStatus", "reset", times=3)

    row = ask(row, row.due_at)

    assert row.status == "pending"
    assert row.due_at
    assert statuses(row) == ["pending", "unknown"]


def test_failed_can_turn_out_confirmed(enter, ask, books, codes, now):
    row = ask(enter("rejected", at=now), now)
    assert row.due_at is None
    books.become(row.transaction_id, "settled")

    entering.ask_again(row=row, by=None, now=now)

    assert ask(row, now).status == "confirmed"
    assert list(row.events.filter(kind="moved").order_by("id").values_list("text", flat=True)) == [
        "Not asked yet → Failed", "Failed → Confirmed"]


def test_late_answer_of_an_old_question_changes_nothing(enter, ask, codes, now):
    row = ask(enter(at=now), now)

    checking._note(row, checking.Told("unknown", detail="late"), now)

    assert Transaction.objects.get(pk=row.pk).status == "confirmed"


def test_retry_after_is_heeded(lab, enter, ask, codes, now):
    lab.fail("game_wallet", "walletStatus", "rate_limit", times=3, retry_after=600)

    assert ask(enter(at=now), now).due_at == now + timedelta(seconds=600)


def test_connection_that_was_changed_to_another_provider_stops_the_questions(wallet, enter, ask, codes, now):
    row = enter(at=now, provider_id="7781")
    gateway.keep_credentials(wallet, {"provider_id": "1", "access_key": "a", "private_key": "b"})

    row = ask(row, now)

    assert row.is_given_up
    assert "belongs to provider 7781" in row.detail


def test_missing_credentials_are_said_and_waited_for(wallet, enter, ask, codes, now):
    row = enter(at=now)
    gateway.keep_credentials(wallet, {})

    row = ask(row, now)

    assert (row.status, row.due_at) == ("unknown", now + timedelta(hours=1))
    assert "lacks provider_id" in row.detail


def test_largest_numbers_survive_from_text_to_row(enter, ask, books, codes, told):
    seen = next(row for row in books.transactions.values() if str(row.player_id) == LARGEST and row.state == "settled")
    row = ask(enter(**{name: str(getattr(seen, name)) for name in told()}))

    assert (row.player_id, row.status) == (LARGEST, "confirmed")


def test_sweep_asks_what_is_due_and_no_more(enter, codes, lab, now):
    entered = [enter(state, at=now) for state in ("settled", "pending", "broken")]

    assert sweep.run_due(now=now)["check"] == 3
    assert sweep.run_due(now=now)["check"] == 0
    assert [Transaction.objects.get(pk=row.pk).status for row in entered] == ["confirmed", "pending", "unknown"]
    assert len(lab.calls("game_wallet")) == 3


def test_sweep_leaves_a_supplier_alone_that_is_off(wallet, enter, lab, now):
    enter(at=now)
    type(wallet).objects.filter(pk=wallet.pk).update(is_active=False)

    assert sweep.run_due(now=now)["check"] == 0
    assert lab.calls("game_wallet") == []


def test_call_log_tells_the_version_and_seals_the_bodies(enter, ask, codes):
    row = ask(enter())

    call = Call.objects.get(operation="walletStatus")
    assert (call.http_version, call.ref) == ("HTTP/2", row.transaction_id)
    assert call.sealed_request and "lab-session" not in call.sealed_request


def test_token_is_kept_sealed(enter, told):
    row = enter()

    assert told()["token"] not in repr(Transaction.objects.filter(pk=row.pk).values().get())


def test_history_cannot_be_rewritten(enter, ask, codes):
    row = ask(enter())

    for rows in (TransactionCheck.objects.filter(transaction=row), row.events.all()):
        for change in (rows.delete, lambda rows=rows: rows.update(at=row.created_at)):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()


def test_constraints_hold(enter, ask, codes, now):
    row = ask(enter())

    for change in ({"due_at": now}, {"status": "lost"}, {"action": "gift"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Transaction.objects.filter(pk=row.pk).update(**change)


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_race_of_workers_asks_once(enter, codes, lab):
    row = enter()

    def work(_):
        try:
            return checking.check(pk=row.pk, now=clock.now(), clock=clock.now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(work, range(4)))

    assert sorted(done) == [False, False, False, True]
    assert len(lab.calls("game_wallet")) == 1
    assert Transaction.objects.get(pk=row.pk).status == TransactionStatus.CONFIRMED


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_race_of_two_clerks_makes_one_row(enter):
    def work(_):
        try:
            return enter().pk
        finally:
            close_old_connections()
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        rows = set(pool.map(work, range(4)))

    assert len(rows) == Transaction.objects.count() == 1
