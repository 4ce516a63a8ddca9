"""Forms of the catalog pages."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ReasonForm(forms.Form):
    """Why somebody pauses or resumes a supplier; colleagues read it."""

    reason = forms.CharField(label=_("Reason"), max_length=300, strip=True)
