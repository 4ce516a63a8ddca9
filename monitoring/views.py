"""Home and the monitoring pages. Each reads rows only; nothing here waits for a supplier."""

from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from catalog.access import page


@page("monitoring.view_alert")
@require_GET
def home(request):
    return render(request, "monitoring/home.html")


@page("monitoring.view_alert")
@require_GET
def health(request):
    return render(request, "monitoring/health.html")


@page("monitoring.view_alert")
@require_GET
def alerts(request):
    return render(request, "monitoring/alerts.html")


@page("monitoring.acknowledge_alert")
@require_POST
def acknowledgement(request, pk):
    return render(request, "monitoring/alerts.html")


@page("monitoring.view_alert")
@require_GET
def jobs(request):
    return render(request, "monitoring/jobs.html")
