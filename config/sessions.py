"""How long a signed-in browser stays signed in: until it rests too long, or for one working day at most."""

import time

from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.validators import MaxLengthValidator

from catalog import confirming, keeping

from .refusals import WAY_IN

IDLE_S = 30 * 60
WHOLE_S = 12 * 3600
WRITE_EVERY_S = 60  # a session row is written at most this often
SIGNED_IN, SEEN = "signed_in_at", "seen_at"


class SignInForm(AuthenticationForm):
    """Django's form, which tells browsers how long a name may be but leaves it unchecked; the tries are kept by name."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        name = self.fields["username"]
        name.validators.append(MaxLengthValidator(name.max_length))


class SignIn(LoginView):
    """Django's sign-in, which also notes when it happened and that the password was typed, and keeps a form on its way."""

    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form):
        response = super().form_valid(form)
        self.request.session[SIGNED_IN] = self.request.session[SEEN] = int(time.time())
        confirming.note(self.request)
        return keeping.offer(self.request, back=response.url) or response

    def get_context_data(self, **more):
        return super().get_context_data(**more, **keeping.kept(self.request))


def session_limits(get_response):
    """Middleware: sign out a session that is too old or was left alone. A page that only renews itself is left alone.

    At the suppliers' way in nobody is signed in, and a cookie there is not even looked at.
    """

    def middleware(request):
        if request.path.startswith(WAY_IN):
            return get_response(request)
        now = int(time.time())
        begun, seen = request.session.get(SIGNED_IN), request.session.get(SEEN)
        if begun is None:
            return get_response(request)
        if now - begun > WHOLE_S or now - seen > IDLE_S:
            logout(request)
        elif not _is_poll(request) and now - seen > WRITE_EVERY_S:
            request.session[SEEN] = now
        return get_response(request)

    return middleware


def _is_poll(request):
    return request.method == "GET" and "HX-Request" in request.headers
