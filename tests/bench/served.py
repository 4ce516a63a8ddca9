"""What the server of the webhook figure serves: everything of ours, and a bare view to compare with."""

from django.http import HttpResponse
from django.urls import get_resolver, path
from django.views.decorators.csrf import csrf_exempt

from config.wsgi import application

__all__ = ["application"]


@csrf_exempt
def bare(request):
    """Read what was posted, and answer."""
    return HttpResponse(status=200 if request.body else 400)


get_resolver().url_patterns.append(path("bare/", bare))
