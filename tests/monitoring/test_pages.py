"""Health, alerts and jobs."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django_q.models import Task

from catalog.models import Call, CircuitState
from monitoring.alerting import raise_alert, resolve_alert
from monitoring.charts import latency_chart, round_up
from monitoring.installing import install
from monitoring.models import Alert, Heartbeat, ProbeResult

pytestmark = pytest.mark.django_db


def cry(now, key="down:1", **words):
    raise_alert(**{"key": key, "severity": "warning", "title": f"Trouble {key}", "text": "", "url": "/x/", "now": now,
                   **words})


def show(client, name, query="", **options):
    return client.get(reverse(f"monitoring:{name}") + query, **options)


def test_health_tells_probes_latency_circuit_and_last_error(page_client, supplier, now):
    for number in range(4):
        ProbeResult.objects.create(supplier=supplier, at=now - timedelta(minutes=number), healthy=number != 3,
                                   latency_ms=10 * (number + 1))
    CircuitState.objects.create(supplier=supplier, state="half_open")
    Call.objects.create(supplier=supplier, operation="getBalance", method="GET", route="/balance", is_read=True,
                        started_at=now, duration_ms=5, outcome="unanswered", detail="Read timed out",
                        key="00000000-0000-0000-0000-000000000001")

    response = show(page_client("operations"), "health")

    (health,) = response.context["healths"]
    assert (health.share_day, health.share_week, health.p50_ms, health.p95_ms) == (75.0, 75.0, 30, 40)
    page = response.content.decode()
    assert "getBalance: unanswered, Read timed out" in page
    assert "Half open" in page
    assert page.count("<rect x=") == 4


def test_health_of_a_supplier_never_probed(page_client, supplier):
    assert "not probed yet" in show(page_client("operations"), "health").content.decode()


def test_health_keeps_to_its_queries(page_client, supplier, now, django_assert_max_num_queries):
    for number in range(70):
        ProbeResult.objects.create(supplier=supplier, at=now - timedelta(minutes=number), healthy=True, latency_ms=5)
    client = page_client("operations")

    with django_assert_max_num_queries(13):
        show(client, "health")


@pytest.mark.parametrize("name", ["alerts", "home"])
def test_alert_is_a_link_only_for_those_who_may_follow_it(page_client, account, now, name):
    address = reverse("funding:account", args=[account.pk])
    cry(now, key="threshold:1", url=address)

    told = {group: page_client(group).get(reverse("home" if name == "home" else "monitoring:alerts")).content.decode()
            for group in ("finance", "support")}

    assert all("Trouble threshold:1" in text for text in told.values())
    assert (f'<a href="{address}">Trouble' in told["finance"], f'<a href="{address}">' in told["support"]) == (True, False)


def test_open_and_resolved_alerts_stand_apart(page_client, now):
    cry(now, "down:1"), cry(now, "down:2")
    resolve_alert(key="down:2", now=now)
    client = page_client("operations")

    assert [alert.key for alert in show(client, "alerts").context["alerts"]] == ["down:1"]
    assert [alert.key for alert in show(client, "alerts", "?state=resolved").context["alerts"]] == ["down:2"]


def test_resolved_alerts_come_in_pages_without_gap_or_double(page_client, now):
    for number in range(120):
        cry(now, f"down:{number}")
    Alert.objects.update(resolved_at=now)
    client, query, seen = page_client("operations"), "?state=resolved", []
    while query:
        context = show(client, "alerts", query).context
        seen += [alert.pk for alert in context["alerts"]]
        query = context["older"]

    assert len(seen) == len(set(seen)) == 120


def test_alerts_keep_to_their_queries(page_client, staff, now, django_assert_max_num_queries):
    for number in range(60):
        cry(now, f"down:{number}")
    Alert.objects.update(acknowledged_at=now, acknowledged_by=staff("lead"))
    client = page_client("operations")

    with django_assert_max_num_queries(7):
        show(client, "alerts")


def test_jobs_keep_to_their_queries(page_client, supplier, now, django_assert_max_num_queries):
    install(now=now)
    for number in range(60):
        Heartbeat.objects.create(name=f"work{number}:{supplier.pk}", at=now)
    client = page_client("operations")

    with django_assert_max_num_queries(14):
        show(client, "jobs")


@pytest.mark.parametrize("query", ["?state=resolved&before=nonsense", "?state=resolved&before=2026-99-99T00:00:00Z_1",
                                   "?state=%00", "?state=resolved&before=" + "9" * 5000])
def test_odd_addresses_are_refused(page_client, query):
    assert show(page_client("operations"), "alerts", query).status_code == 422


def test_acknowledging_names_the_person(page_client, now):
    cry(now)
    client = page_client("operations")

    response = client.post(reverse("monitoring:acknowledgement", args=[Alert.objects.get().pk]))

    assert response.url == reverse("monitoring:alerts")
    assert Alert.objects.get().acknowledged_by == client.user


def test_acknowledging_under_htmx_gives_the_row(page_client, now):
    cry(now)
    pk = Alert.objects.get().pk

    page = page_client("operations").post(
        reverse("monitoring:acknowledgement", args=[pk]), headers={"HX-Request": "true"}).content.decode()

    assert page.lstrip().startswith(f'<tr id="alert-{pk}"')
    assert "Acknowledge" not in page


def test_second_acknowledgement_keeps_the_first(page_client, now):
    cry(now)
    first, second = page_client("operations"), page_client("lead")
    address = reverse("monitoring:acknowledgement", args=[Alert.objects.get().pk])
    first.post(address)

    page = second.post(address, follow=True).content.decode()

    assert Alert.objects.get().acknowledged_by == first.user
    assert "resolved or acknowledged already" in page


@pytest.mark.parametrize("group", ["support", "auditor"])
def test_readers_cannot_acknowledge(page_client, now, group):
    cry(now)
    client = page_client(group)

    assert client.post(reverse("monitoring:acknowledgement", args=[Alert.objects.get().pk])).status_code == 403
    assert "Acknowledge" not in show(client, "alerts").content.decode()


def test_missing_alert_under_htmx(page_client):
    assert page_client("operations").post(
        reverse("monitoring:acknowledgement", args=[99]), headers={"HX-Request": "true"}).status_code == 404


def test_jobs_tell_schedules_workers_and_failures_without_payload(page_client, supplier, now):
    install(now=now)
    Heartbeat.objects.create(name="queue:orders", at=now)
    Heartbeat.objects.create(name=f"probe:{supplier.pk}", at=now, detail="no answer")
    Task.objects.create(id="1", name="x", func="orders.tasks.send", args=("secret-payload",), result="secret-traceback",
                        started=now, stopped=now, success=False, cluster="orders", group="Health probes")

    response = show(page_client("operations"), "jobs")

    jobs, page = response.context["jobs"], response.content.decode()
    assert [queue.is_alive for queue in jobs.machinery.queues] == [True, False]
    assert next(ring.last_at for ring in jobs.rings if ring.name == "Health probes") == now
    assert "orders.tasks.send" in page
    assert "no answer" in page
    assert "secret" not in page


def test_late_schedule_is_marked(page_client, now):
    install(now=now - timedelta(hours=1))

    assert all(ring.is_late for ring in show(page_client("operations"), "jobs").context["jobs"].rings)


def test_jobs_say_how_a_dead_queue_goes_on(page_client, now):
    Heartbeat.objects.create(name="queue:orders", at=now)
    Heartbeat.objects.create(name="loop:runner", at=now - timedelta(minutes=4))
    client = page_client("operations")

    text = show(client, "jobs").content.decode()
    assert "The catalog queue stands still." in text
    assert "The orders queue stands still." not in text
    Heartbeat.objects.create(name="queue:catalog", at=now)
    assert "The loop of order work stands still." in show(client, "jobs").content.decode()


@pytest.mark.parametrize("name", ["health", "jobs"])
def test_boards_renew_themselves(page_client, name):
    page = show(page_client("auditor"), name, headers={"HX-Request": "true"}).content.decode()

    assert page.lstrip().startswith(f'<div id="{name}-board"')


def test_chart_of_too_little_is_none():
    assert latency_chart([(None, 5), (None, None)]) is None


def test_chart_leaves_out_what_was_not_measured():
    chart = latency_chart([(None, 10), (None, None), (None, 20)])

    assert chart.line == "0.0,56.0 600.0,12.0"
    assert chart.worst_ms == 20


@pytest.mark.parametrize(("value", "rounded"), [(0, 10), (10, 10), (11, 20), (21, 50), (99, 100), (501, 1000)])
def test_scales_are_round(value, rounded):
    assert round_up(value) == rounded
