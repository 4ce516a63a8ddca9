"""Who may see which page. Every view of the house declares one permission with `page`; a test walks the addresses."""

from functools import wraps
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.defaults import page_not_found
from django_htmx.http import HttpResponseClientRedirect

from . import keeping


def page(permission):
    """Let signed-in staff with `permission` in; others get the sign-in page or a 403 that names the permission."""

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not request.user.is_authenticated:
                return _sign_in(request)
            if not request.user.has_perm(permission):
                raise PermissionDenied(permission)
            try:
                response = view(request, *args, **kwargs)
            except Http404 as missing:
                # Answered here, so that this page is not stored by browsers either.
                response = page_not_found(request, missing)
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        guarded.permission = permission
        return guarded

    return decorate


def _sign_in(request):
    if request.htmx:
        here = request.htmx.current_url_abs_path or "/"
        return HttpResponseClientRedirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': here})}")
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
    back = _page_of_the_form(request)
    return keeping.sign_in(request, back=back) if keeping.can_keep(request) else redirect_to_login(back, settings.LOGIN_URL)


def _page_of_the_form(request):
    """Where a form stood that was sent: an address that only takes forms is no place to come back to."""
    told = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(told, {request.get_host()}):
        return "/"
    page = urlsplit(told)
    return f"/{page.path.lstrip('/')}" + (f"?{page.query}" if page.query else "")
