"""Requests that are refused before or beside any view, answered with a page of ours that says what to do."""

import sys
import time

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string

# A browser shows our answer only when it could send its form to the end; more than this is not a mistake.
SWALLOW_BYTES = 16 * 1024 * 1024
SWALLOW_S = 10
CHUNK = 64 * 1024
WAY_IN = "/webhooks/"  # of suppliers: machines, which get bare answers and are never read further than the view reads


def refusal_pages(get_response):
    """Middleware: a form that is too big gets 413 before anything reads it; an address opened in a way that it does not
    know (405) gets a page instead of an empty one.
    """

    def respond(request):
        if request.path.startswith(WAY_IN):
            return get_response(request)
        if _length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return _too_big(request)
        response = get_response(request)
        if response.status_code == 405 and not response.streaming and not response.content:
            response.content = render_to_string("405.html", request=request)
            response.headers["Content-Length"] = str(len(response.content))  # the empty one's was 0
        return response

    return respond


def server_error(request):
    """The page for an error of ours; for a database that is away, one that says so and that it will be back (503)."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        again = request.get_full_path() if request.method == "GET" else "/"
        return HttpResponse(render_to_string("503.html", {"again": again}), status=503, headers={"Retry-After": "10"})
    return HttpResponseServerError(render_to_string("500.html"))


def _too_big(request):
    _swallow(request.environ["wsgi.input"], min(_length(request), SWALLOW_BYTES))
    return render(request, "413.html", status=413)


def _length(request):
    given = request.META.get("CONTENT_LENGTH") or ""
    return int(given) if given.isascii() and given.isdigit() else 0


def _swallow(stream, left):
    deadline = time.monotonic() + SWALLOW_S
    while left > 0 and time.monotonic() < deadline:
        chunk = stream.read(min(CHUNK, left))
        if not chunk:
            return
        left -= len(chunk)
