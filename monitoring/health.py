"""What the health page shows of each supplier: its probes, its circuit, and the last error of a real call."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Avg, Case, Count, OuterRef, Subquery, Value, When

from catalog.models import Call, CircuitState, Supplier

from .charts import LatencyChart, latency_chart
from .models import ProbeResult

SHOWN = 60  # an hour of probes
DAY = timedelta(hours=24)
WEEK = timedelta(days=7)
ANSWERED = "answered"


@dataclass(frozen=True)
class Health:
    """One supplier. `results` are the last probes, oldest first; shares are percent of probes that found it well."""

    supplier: Supplier
    circuit: str
    results: list[ProbeResult]
    share_day: float | None
    share_week: float | None
    p50_ms: int | None
    p95_ms: int | None
    chart: LatencyChart | None
    last_error: Call | None

    @property
    def last(self):
        return self.results[-1] if self.results else None


def healths(*, now):
    """Health of every active supplier, by name: two queries, and one more per supplier for its last probes."""
    suppliers = list(Supplier.objects.filter(is_active=True).select_related("circuit").annotate(
        error_id=_last_error(now)).order_by("name"))
    shares = _shares(now)
    errors = Call.objects.in_bulk([supplier.error_id for supplier in suppliers if supplier.error_id])
    return [_health(supplier, shares.get(supplier.pk, {}), errors) for supplier in suppliers]


def _health(supplier, shares, errors):
    results = list(supplier.probe_results.order_by("-at")[:SHOWN])[::-1]
    latencies = sorted(result.latency_ms for result in results if result.latency_ms is not None)
    return Health(
        supplier=supplier,
        circuit=supplier.circuit.state if hasattr(supplier, "circuit") else CircuitState.State.CLOSED,
        results=results,
        share_day=shares.get("day"), share_week=shares.get("week"),
        p50_ms=_percentile(latencies, 50), p95_ms=_percentile(latencies, 95),
        chart=latency_chart([(result.at, result.latency_ms) for result in results]),
        last_error=errors.get(supplier.error_id),
    )


def _last_error(now):
    """Id of the last call within a week that was not answered, or answered with an error."""
    calls = Call.objects.filter(supplier=OuterRef("pk"), started_at__gt=now - WEEK).exclude(
        outcome=ANSWERED, status__lt=400)
    return Subquery(calls.order_by("-started_at").values("pk")[:1])


def _shares(now):
    well = Case(When(healthy=True, then=Value(100.0)), default=Value(0.0))
    in_day = Case(When(at__gt=now - DAY, healthy=True, then=Value(100.0)), When(at__gt=now - DAY, then=Value(0.0)))
    rows = ProbeResult.objects.filter(at__gt=now - WEEK).values("supplier").annotate(
        week=Avg(well), day=Avg(in_day), n=Count("id")).order_by()
    return {row["supplier"]: row for row in rows}


def _percentile(ordered, percent):
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)] if ordered else None
