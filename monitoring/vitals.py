"""The three addresses for machines: alive, ready, and measured. They show no business data without a token."""

import hmac

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from .measuring import registry
from .readiness import faults


@require_safe
@never_cache
def livez(request):
    """This process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request):
    """200 when this process can do its work; 503 with the names of what is missing."""
    found = faults()
    return JsonResponse({"ready": not found, "faults": found}, status=503 if found else 200)


@require_safe
@never_cache
def metrics(request):
    """Figures for Prometheus, for bearers of METRICS_TOKEN and for staff who see alerts.

    Not by address: behind a proxy on the same machine every visitor comes from loopback.
    """
    if not (_bears_token(request) or request.user.has_perm("monitoring.view_alert")):
        return HttpResponse("Send Authorization: Bearer <METRICS_TOKEN>, or sign in.\n", status=403,
                            content_type="text/plain")
    return HttpResponse(generate_latest(registry(now=timezone.now())), content_type=CONTENT_TYPE_LATEST)


def _bears_token(request):
    given = request.headers.get("Authorization", "").encode()
    wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(given, wanted)
