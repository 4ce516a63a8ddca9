"""Forms of the catalog pages."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ReasonForm(forms.Form):
    """Why somebody pauses or resumes a supplier; colleagues read it."""

    reason = forms.CharField(label=_("Reason"), max_length=300, strip=True)


class NoticeSecretForm(forms.Form):
    """A new secret for webhooks: written here, never shown, and how long the former one is still good."""

    OVERLAPS = ((3600, _("1 hour")), (86400, _("24 hours")), (604800, _("7 days")))

    secret = forms.CharField(
        label=_("New secret"), max_length=300, strip=True,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}))
    overlap = forms.TypedChoiceField(
        label=_("The former one stays good for"), choices=OVERLAPS, coerce=int, initial=86400)
