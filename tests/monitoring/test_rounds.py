"""Regular work is done once per turn, whoever rings, and without any cluster."""

import json
import threading
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from catalog.models import SyncRun
from funding.models import Account
from monitoring import rounds, schedules, tasks
from monitoring.models import Heartbeat, ProbeResult
from orders import restoring

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def test_work_is_claimed_once_per_turn(now):
    claims = [rounds.claim("probe:1", every=MINUTE, now=at) for at in (now, now, now + MINUTE / 2, now + MINUTE)]

    assert claims == [True, False, False, True]


@pytest.mark.django_db(transaction=True)
def test_two_rings_at_once_claim_once(now):
    claims = []
    start = threading.Barrier(4)

    def ring():
        start.wait()
        claims.append(rounds.claim("probe:1", every=MINUTE, now=now))
        connection.close()

    rings = [threading.Thread(target=ring) for _ in range(4)]
    for one in rings:
        one.start()
    for one in rings:
        one.join()

    assert sorted(claims) == [False, False, False, True]


def test_first_round_does_everything(plexy, giftapi):
    counts = rounds.run_due(now=timezone.now())

    assert {kind: counts.get(kind, 0) for kind in rounds.PIECES} == {
        "probe": 2, "balances": 2, "books": 2, "match": 2, "walk": 2, "prices": 0}
    assert (counts["failed"], counts["crashed"]) == (0, 0)
    assert ProbeResult.objects.filter(healthy=True).count() == 2
    assert SyncRun.objects.filter(status="complete").count() == 2
    assert Account.objects.filter(available__isnull=False).count() == Account.objects.count() > 1


def test_second_round_does_nothing_again(plexy, giftapi):
    now = timezone.now()
    rounds.run_due(now=now)

    counts = rounds.run_due(now=now)

    assert not any(counts.values())
    assert ProbeResult.objects.count() == 2


@pytest.mark.fault("F67")
def test_hours_without_a_ring_are_made_up_for_by_one_round(plexy, giftapi, lab):
    now = timezone.now()
    rounds.run_due(now=now)
    lab.heard.clear()

    counts = [rounds.run_due(now=now + timedelta(hours=8, seconds=second)) for second in (0, 1, 15)]

    assert [count.get("probe", 0) for count in counts] == [2, 0, 0]
    assert len(lab.calls("plexy_gate", "getHealth")) == 1


def test_failed_walk_is_tried_again_within_the_hour_and_a_whole_one_the_next_day(giftapi, lab):
    now = timezone.now()
    lab.fail("giftapi", "*", "error", times=None)
    rounds.do("walk", supplier=giftapi, now=now)
    lab.clear()
    assert rounds.due("walk", now=now + 59 * MINUTE) == []

    assert rounds.do("walk", supplier=giftapi, now=now + 60 * MINUTE)

    assert rounds.due("walk", now=now + timedelta(hours=20)) == []
    assert rounds.due("walk", now=now + timedelta(hours=26)) == [giftapi]


def test_trouble_at_a_supplier_is_noted_and_stops_nobody(plexy, giftapi, lab):
    lab.fail("giftapi", "*", "error", times=None)

    counts = rounds.run_due(now=timezone.now())

    assert (counts["failed"], counts["crashed"]) == (4, 0)
    assert (counts["balances"], counts["books"], counts["walk"]) == (1, 1, 1)
    assert Heartbeat.objects.get(name=f"balances:{giftapi.pk}").detail
    assert Heartbeat.objects.get(name=f"balances:{plexy.pk}").detail == ""


def test_mistake_in_one_piece_stops_no_other(plexy, monkeypatch):
    monkeypatch.setattr("monitoring.rounds.sweep.run_due", lambda **_: 1 / 0)

    counts = rounds.run_due(now=timezone.now())

    assert (counts["crashed"], counts["failed"], counts["probe"]) == (1, 0, 1)


def test_inactive_supplier_is_left_alone(plexy, now):
    plexy.is_active = False
    plexy.save()

    assert [rounds.due(kind, now=now) for kind in rounds.PIECES] == [[]] * len(rounds.PIECES)


def test_ring_puts_one_task_per_supplier_into_the_right_queue(plexy, giftapi):
    tasks.start_syncs(), tasks.probe()

    assert sorted(OrmQ.objects.values_list("key", flat=True)) == ["catalog"] * 4 + ["orders"] * 2


def test_every_piece_is_rung_by_a_schedule(plexy, giftapi, octopus, monkeypatch):
    """The loop of the runner does none of them by itself."""
    monkeypatch.setattr(rounds, "PIECES", {
        kind: replace(piece, needed=lambda supplier, now: True) for kind, piece in rounds.PIECES.items()})

    for declared in schedules.SCHEDULES:
        import_string(declared.func)()

    rung = {row.task["args"][0] for row in OrmQ.objects.all() if row.task["func"] == "monitoring.tasks.piece"}
    assert rung == set(rounds.PIECES)


@pytest.mark.django_db(transaction=True)
@pytest.mark.fault("F80")
def test_queue_compares_a_restored_copy_with_its_suppliers(giftapi, now):
    """Where the loop alone noticed that the copy is an older one."""
    Heartbeat.objects.create(name=f"match:{giftapi.pk}", at=now)
    (settings.VAR_DIR / restoring.LAST_CALL).write_text(str(uuid.uuid4()))

    rounds.run_due(now=now, kinds=())
    tasks.start_syncs()

    assert ("match", giftapi.pk) in [row.task["args"] for row in OrmQ.objects.all()]


def test_task_of_a_deleted_supplier_is_none(db):
    tasks.piece("probe", 12345)

    assert not ProbeResult.objects.exists()


def test_command_counts_by_kind(plexy, capsys):
    call_command("run_due", json=True)

    assert json.loads(capsys.readouterr().out)["probe"] == 1


def test_printed_mail_stays_out_of_the_json(supplier, staff, settings, capsys):
    settings.EMAIL_BACKEND = "config.mail.StandardError"
    staff("operations")
    type(supplier).objects.update(paused_at=timezone.now())

    call_command("run_due", json=True)

    told = capsys.readouterr()
    assert json.loads(told.out)["mailed"] > 0
    assert "Buying at plexy is paused" in told.err


def test_command_until_quiet_comes_back(plexy, capsys):
    call_command("run_due", until_quiet=True, max_seconds=20, json=True)

    assert json.loads(capsys.readouterr().out)["walk"] == 1


def test_command_says_what_crashed(plexy, monkeypatch, capsys):
    monkeypatch.setattr("monitoring.rounds.sweep.run_due", lambda **_: 1 / 0)

    with pytest.raises(CommandError) as failure:
        call_command("run_due", json=True)

    assert failure.value.returncode == 1
    assert json.loads(capsys.readouterr().out)["crashed"] == 1


def test_supplier_in_trouble_is_counted_and_is_no_failure_of_the_command(plexy, lab, capsys):
    lab.fail("plexy_gate", "*", "error", times=None)

    call_command("run_due", json=True)

    told = json.loads(capsys.readouterr().out)
    assert (told["failed"], told["crashed"]) == (4, 0)


def test_command_refuses_no_time_at_all():
    with pytest.raises(CommandError, match="more than zero") as refusal:
        call_command("run_due", max_seconds=0)

    assert refusal.value.returncode == 2
