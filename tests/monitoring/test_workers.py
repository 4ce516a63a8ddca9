"""The background processes: which there are, when one is silent, and that they live and stop as one."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError
from django_q.models import OrmQ

from catalog import life
from catalog.models import Call
from monitoring import rounds, workers
from monitoring.models import Heartbeat

ROOT = Path(__file__).resolve().parents[2]


def test_every_queue_has_a_cluster_and_there_is_a_loop():
    assert [(child.name, child.environment.get("Q_CLUSTER_NAME")) for child in workers.children()] == [
        ("orders queue", "orders"), ("catalog queue", "catalog"), ("loop", None)]


@pytest.mark.django_db
def test_each_queue_is_asked_for_life():
    workers.ask_for_life()

    assert sorted(OrmQ.objects.values_list("key", flat=True)) == ["catalog", "orders"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("minutes", "silent"), [(2, False), (4, True)])
def test_queue_is_silent_after_three_minutes(now, minutes, silent):
    Heartbeat.objects.create(name="queue:orders", at=now - timedelta(minutes=minutes))

    assert workers.children()[0].is_silent() is silent


@pytest.mark.django_db(transaction=True)
def test_unreachable_database_is_nobodys_silence(monkeypatch):
    def away(**_):
        raise DatabaseError("away")

    monkeypatch.setattr(workers, "machinery", away)

    assert workers.children()[0].is_silent() is False


@pytest.mark.django_db(transaction=True)
def test_round_shows_life_at_each_step_and_each_call(giftapi, now, monkeypatch):
    """So a long round of much work is told from one that hangs."""
    loop = workers.children()[-1]
    monkeypatch.setenv(life.PIPE, str(loop.mouth))

    rounds.run_due(now=now, kinds=("probe",))

    calls, heard = Call.objects.count(), loop.is_silent.__self__.hear()
    assert heard > calls > 0


def test_run_worker_serves_both_queues_and_stops_when_told(tmp_path, migrated_database):
    environment = {
        "PATH": os.environ["PATH"], "SECRET_KEY": "k" * 60, "FIELD_KEYS": "dGVzdCBrZXksIGZvciB0ZXN0cyBvbmx5LCAwMDAwMDA=",
        "SUPPLIER_ALLOW_LOCAL": "1", "VAR_DIR": str(tmp_path), "DATABASE_URL": migrated_database}
    command = [sys.executable, "manage.py", "run_worker", "--grace", "60"]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as runner:
        deadline, told = time.monotonic() + 180, set()
        while not {"queue:orders", "queue:catalog", "loop:runner"} <= told:
            assert time.monotonic() < deadline, f"not alive: {told}"
            time.sleep(0.2)
            told = living(migrated_database)

        runner.send_signal(signal.SIGTERM)
        begun = time.monotonic()

        assert runner.wait(90) == 0
        assert time.monotonic() - begun < 60  # nobody had to be killed


def living(url):
    """Names of the heartbeats in that database. Read without Django, whose start takes longer than what it would ask."""
    path = url.removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(path, timeout=30) if path != url else psycopg.connect(url)) as database:
        return {name for (name,) in database.execute("SELECT name FROM monitoring_heartbeat")}
