"""The page that asks a signed-in person for the password again. A wrong one counts as a wrong sign-in does."""

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from catalog import confirming


class PasswordForm(forms.Form):
    """The password of `request.user`."""

    password = forms.CharField(label=_("Password"), strip=False, max_length=128, widget=forms.PasswordInput(
        attrs={"autocomplete": "current-password", "autofocus": True}))

    def __init__(self, request, *args):
        super().__init__(*args)
        self.request = request

    def clean_password(self):
        typed, user = self.cleaned_data["password"], self.request.user
        if authenticate(self.request, username=user.get_username(), password=typed) != user:
            raise forms.ValidationError(_("That is not your password. Capital letters count."))
        return typed


@sensitive_post_parameters("password")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request):
    """Ask; when the password fits, go on to `next` (an address of ours only)."""
    asked = request.POST if request.method == "POST" else request.GET
    onward = _local(request, asked.get("next", ""))
    form = PasswordForm(request, request.POST if request.method == "POST" else None)
    if form.is_valid():
        request.session.cycle_key()
        confirming.note(request)
        return redirect(onward)
    word = asked.get("for", "")
    return render(request, "registration/confirm.html", {
        "form": form, "onward": onward, "word": word, "why": confirming.REASONS.get(word, ""),
        "minutes": confirming.WINDOW_S // 60}, status=422 if form.is_bound else 200)


def _local(request, address):
    is_ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if is_ours else resolve_url(settings.LOGIN_REDIRECT_URL)
