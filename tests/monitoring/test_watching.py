"""Each thing a person should know is raised once, and resolved when it is over."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from django_q.models import OrmQ, Task

from catalog.models import Call, CircuitState, SyncRun
from funding.models import Threshold
from monitoring import rounds
from monitoring.models import Alert, Heartbeat, ProbeResult
from monitoring.watching import watch

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def living_workers(db, now):
    for queue in ("orders", "catalog"):
        Heartbeat.objects.create(name=f"queue:{queue}", at=now)


def open_keys():
    return sorted(Alert.objects.open().values_list("key", flat=True))


def call(supplier, now, **columns):
    return Call.objects.create(**{
        "supplier": supplier, "operation": "health", "method": "GET", "route": "/health", "is_read": True,
        "started_at": now, "duration_ms": 5, "status": 200, "outcome": "answered",
        "key": "00000000-0000-0000-0000-000000000001", **columns})


def test_healthy_shop_raises_nothing(account, now):
    watched = watch(now=now)

    assert (watched.raised, watched.crashed, open_keys()) == (0, 0, [])


@pytest.mark.fault("F75")
def test_crossed_threshold_is_raised_once_and_resolved(account, now):
    threshold = Threshold.objects.create(account=account, trigger_amount=600, clear_amount=700)
    watch(now=now), watch(now=now + MINUTE)
    assert open_keys() == [f"threshold:{threshold.pk}"]

    account.available = 650
    account.save()
    watch(now=now + 2 * MINUTE)
    assert open_keys() == [f"threshold:{threshold.pk}"]

    account.available = 700
    account.save()
    watch(now=now + 3 * MINUTE)
    assert open_keys() == []
    assert Alert.objects.count() == 1


def test_exhausted_account(account, now):
    account.available = account.balance = 0
    account.save()

    watch(now=now)

    assert open_keys() == [f"exhausted:{account.pk}"]


def test_balance_unread_for_long(account, now):
    watch(now=now + 29 * MINUTE)
    assert f"unread:{account.pk}" not in open_keys()

    watch(now=now + 31 * MINUTE)
    assert f"unread:{account.pk}" in open_keys()


def test_supplier_is_down_after_three_failed_probes(supplier, now):
    for number in range(3):
        watch(now=now)
        assert open_keys() == []
        ProbeResult.objects.create(supplier=supplier, at=now - (3 - number) * MINUTE, healthy=False, detail="no answer")

    watch(now=now)
    assert open_keys() == [f"down:{supplier.pk}"]

    ProbeResult.objects.create(supplier=supplier, at=now, healthy=True)
    watch(now=now)
    assert open_keys() == []


@pytest.mark.parametrize("state", ["open", "half_open"])
def test_circuit_that_is_not_closed(supplier, now, state):
    CircuitState.objects.create(supplier=supplier, state=state)

    watch(now=now)

    assert open_keys() == [f"circuit:{supplier.pk}"]


def test_failed_walk_is_resolved_by_a_complete_one(supplier, now):
    SyncRun.objects.create(supplier=supplier, status="failed", started_at=now, heartbeat_at=now, error="Stopped.")
    watch(now=now)
    assert open_keys() == [f"sync:{supplier.pk}"]

    SyncRun.objects.create(supplier=supplier, status="complete", started_at=now + MINUTE, heartbeat_at=now,
                           finished_at=now + MINUTE)
    watch(now=now + 2 * MINUTE)
    assert open_keys() == []


def test_stale_catalog(supplier, now):
    type(supplier).objects.update(created_at=now - timedelta(days=3))

    watch(now=now)

    assert open_keys() == [f"stale:{supplier.pk}"]


def test_paused_supplier(supplier, now):
    type(supplier).objects.update(paused_at=now, paused_reason="Key refused")

    watch(now=now)

    assert open_keys() == [f"paused:{supplier.pk}"]


@pytest.mark.parametrize(("skew", "raised"), [(119, 0), (121, 1), (-121, 1)])
@pytest.mark.fault("F52")
def test_clock_skew(supplier, now, skew, raised):
    call(supplier, now, skew_s=skew)

    assert watch(now=now).raised == raised


def test_unknown_order_is_told_after_half_an_hour_and_again_after_a_day(place, attempt, supplier, now):
    attempt(place("unknown"), since=now)
    watch(now=now + 29 * MINUTE)
    assert [key for key in open_keys() if key.startswith("unknown")] == []

    watch(now=now + 31 * MINUTE)
    assert [key for key in open_keys() if key.startswith("unknown")] == [f"unknown:{supplier.pk}"]

    watch(now=now + timedelta(hours=25))
    assert Alert.objects.get(key=f"unknown-day:{supplier.pk}").severity == "critical"


def test_many_parked_orders_are_one_alert(place, supplier, now):
    for _ in range(3):
        place("parked")

    watch(now=now)

    assert Alert.objects.get().title == "3 orders parked at plexy"


def test_order_to_review(place, supplier, now):
    place("completed", needs_review=True)

    watch(now=now)

    assert open_keys() == [f"review:{supplier.pk}"]


def test_person_who_hit_the_cap_of_reveals_is_told_once_and_for_an_hour(place, staff, now):
    mara = staff("support", username="mara")
    order = place("completed")
    for minute in range(3):
        order.events.create(kind="capped", at=now + minute * MINUTE, by=mara, text="Not revealed")

    watch(now=now + 3 * MINUTE)
    alert = Alert.objects.open().get(key=f"reveals:{mara.pk}")
    assert (alert.title, alert.url) == (
        "mara has revealed as many codes as one may within an hour", f"/orders/{order.pk}/")

    watch(now=now + 63 * MINUTE)
    assert alert.key not in open_keys()


def test_revealing_below_the_cap_is_no_alert(place, staff, now):
    place("completed").events.create(kind="revealed", at=now, by=staff("support"), text="Revealed 1 unit")

    watch(now=now)

    assert open_keys() == []


def test_order_accepted_for_very_long(place, supplier, now):
    place("accepted", at=now - timedelta(hours=25))

    watch(now=now)

    assert open_keys() == [f"slow:{supplier.pk}"]


def test_stuck_queue(now):
    OrmQ.objects.create(key="orders", payload="x", lock=now - 6 * MINUTE)

    watch(now=now)

    assert open_keys() == ["queue:orders"]


def test_dead_worker(now):
    watch(now=now + 4 * MINUTE)

    assert open_keys() == ["worker:catalog", "worker:orders"]


def test_worker_in_a_long_walk_is_alive(supplier, now):
    SyncRun.objects.create(supplier=supplier, started_at=now, heartbeat_at=now + 4 * MINUTE)

    watch(now=now + 4 * MINUTE)

    assert open_keys() == ["worker:orders"]


def test_shop_that_never_had_a_worker_is_not_told_it_died(now):
    Heartbeat.objects.all().delete()

    assert watch(now=now).raised == 0


def test_failed_tasks(now):
    Task.objects.create(id="1", name="x", func="orders.tasks.send", started=now, stopped=now, success=False)

    watch(now=now)
    assert open_keys() == ["failures:tasks"]

    watch(now=now + timedelta(hours=2))
    assert "failures:tasks" not in open_keys()


def test_spooled_answers(settings, now):
    (settings.VAR_DIR / "spool").mkdir()
    (settings.VAR_DIR / "spool" / "x.call").write_text("sealed")

    watch(now=now)

    assert open_keys() == ["spool:files"]


def test_lost_key(supplier, now):
    type(supplier).objects.update(credentials="0badc0de.x.y")

    watch(now=now)

    assert open_keys() == ["keys:missing"]


def test_blind_eye_closes_no_other_and_resolves_nothing(place, supplier, now, monkeypatch):
    place("parked")
    watch(now=now)
    monkeypatch.setattr("monitoring.order_causes.Order", None)
    CircuitState.objects.create(supplier=supplier, state="open")

    watched = watch(now=now + MINUTE)

    assert watched.crashed > 0
    assert open_keys() == [f"circuit:{supplier.pk}", f"parked:{supplier.pk}"]


def test_round_mails_what_it_raised(place, staff):
    staff("operations")
    place("parked")

    counts = rounds.watch(now=timezone.now())

    assert (counts["raised"], counts["mailed"], len(mail.outbox)) == (1, 1, 1)
