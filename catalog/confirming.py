"""Acts that need a fresh password: a person who is signed in types it again when it was last typed too long ago."""

import time
from functools import wraps
from urllib.parse import urlencode

from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRedirect

WINDOW_S = 10 * 60
CONFIRMED = "password_confirmed_at"
REASONS = {
    "codes": _("Delivered codes are as good as money. Show that it is you, then reveal them on the order's page."),
    "approval": _("An approval spends beyond what one person may spend alone. Show that it is you, then decide."),
    "credentials": _("Whoever holds a supplier's credentials can spend there. Show that it is you, then edit them."),
}


def note(request):
    """Remember that the password was typed just now."""
    request.session[CONFIRMED] = int(time.time())


def is_fresh(request):
    """Whether the password was typed within the window."""
    return 0 <= time.time() - request.session.get(CONFIRMED, 0) < WINDOW_S


def address(*, reason, back):
    """Where the password is asked for: a page that says why (a word of REASONS) and returns to the address `back`."""
    return f"{reverse('confirm')}?{urlencode({'for': reason, 'next': back})}"


def ask(request, *, reason, back):
    """An answer that leads there."""
    there = address(reason=reason, back=back)
    return HttpResponseClientRedirect(there) if request.htmx else redirect(there)


def needs_password(reason, *, back):
    """Let an act through only with a fresh password; else nothing is done, and one returns to the view named `back`."""

    def decorate(view):
        @wraps(view)
        def confirmed(request, *args, **kwargs):
            if is_fresh(request):
                return view(request, *args, **kwargs)
            return ask(request, reason=reason, back=resolve_url(back, *args, **kwargs))

        return confirmed

    return decorate
