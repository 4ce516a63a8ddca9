"""Home and the monitoring pages. Each reads rows only; nothing here waits for a supplier."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog import refusing
from catalog.access import page
from catalog.paging import OddPlace

from .alerting import NotOpen, acknowledge
from .health import healths
from .home import board
from .jobs import jobs as jobs_page
from .models import Alert

PAGE = 50


@page("monitoring.view_alert")
@require_GET
def home(request):
    """What needs a person now; under htmx only the board, which renews itself."""
    shown = board(may=request.user.has_perm, now=timezone.now())
    return render(request, "monitoring/_home.html" if request.htmx else "monitoring/home.html", {"board": shown})


@page("monitoring.view_alert")
@require_GET
def health(request):
    """Probes, circuit and last error of each supplier."""
    now = timezone.now()
    template = "monitoring/_health.html" if request.htmx else "monitoring/health.html"
    return render(request, template, {"healths": healths(now=now), "now": now})


@page("monitoring.view_alert")
@require_GET
def alerts(request):
    """Open alerts, the gravest first, or under ?state=resolved those that are over, the latest first."""
    is_open = request.GET.get("state") != "resolved"
    rows, found, older = Alert.objects.select_related("acknowledged_by"), [], ""
    wrong = refusing.wrong_word(request.GET, "state", _("State"), ("open", "resolved"))
    try:
        if is_open and not wrong:
            found = list(rows.open().order_by("severity", "-raised_at")[:500])
        elif not wrong:
            found, older = _resolved(rows, request.GET.get("before", ""))
    except OddPlace:
        wrong = refusing.wrong_place(request.GET)
    refused = refusing.refusal(request.GET, wrong, path=request.path) if wrong else {}
    status = refusing.STATUS if wrong else 200
    return render(request, "monitoring/alerts.html", status=status, context={
        **refused, "alerts": found, "is_open": is_open, "older": older, "tabs": [
        {"title": _("Open"), "url": "?", "is_current": is_open, "count": len(found) if is_open else None},
        {"title": _("Resolved"), "url": "?state=resolved", "is_current": not is_open},
    ]})


@page("monitoring.acknowledge_alert")
@require_POST
def acknowledgement(request, pk):
    """Note that the signed-in person looks after an alert."""
    try:
        acknowledge(alert_id=pk, by=request.user, now=timezone.now())
    except NotOpen as refusal:
        messages.warning(request, str(refusal))
    if not request.htmx:
        return redirect("monitoring:alerts")
    alert = Alert.objects.select_related("acknowledged_by").filter(pk=pk).first()
    if alert is None:
        raise Http404
    return render(request, "monitoring/_alert.html", {"alert": alert})


@page("monitoring.view_alert")
@require_GET
def jobs(request):
    """Queues, workers, schedules and failures."""
    template = "monitoring/_jobs.html" if request.htmx else "monitoring/jobs.html"
    return render(request, template, {"jobs": jobs_page(now=timezone.now())})


def _resolved(rows, before):
    """Resolved alerts older than the place `before` (`time_id`), and the address of the next page. Raises OddPlace."""
    rows = rows.filter(resolved_at__isnull=False)
    time, _sep, pk = before.partition("_")
    at = _instant(time)
    if before and not (at and pk.isascii() and pk.isdigit() and len(pk) < 19):
        raise OddPlace(before[:60])
    if at:
        rows = rows.filter(Q(raised_at__lt=at) | Q(raised_at=at, pk__lt=int(pk)))
    found = list(rows.order_by("-raised_at", "-pk")[:PAGE + 1])
    if len(found) <= PAGE:
        return found, ""
    last = found[PAGE - 1]
    return found[:PAGE], f"?state=resolved&before={last.raised_at:%Y-%m-%dT%H:%M:%S.%fZ}_{last.pk}"


def _instant(text):
    try:
        return parse_datetime(text)
    except ValueError:
        return None
