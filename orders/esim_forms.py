"""Forms of the eSIM desk. What an ICCID must be like is decided in `esims`; here it is only drawn."""

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog import gateway
from catalog.suppliers import ports

from .desk_forms import DeskForm

ICCID = {"autocomplete": "off", "spellcheck": "false", "inputmode": "numeric"}


def desks():
    """Active suppliers that tell what became of an eSIM, by name."""
    return gateway.active(ports.EsimDesk)


class FindForm(forms.Form):
    """What the address of the list may say."""

    q = forms.CharField(label=_("Search"), required=False, max_length=30, widget=forms.TextInput(
        attrs={**ICCID, "type": "search", "placeholder": _("Beginning of an ICCID")}))


class EsimForm(DeskForm):
    """Which eSIM to ask about, and where."""

    port = ports.EsimDesk
    field_order = ("iccid", "supplier")

    iccid = forms.CharField(
        label=_("ICCID"), max_length=40, widget=forms.TextInput(attrs={**ICCID, "placeholder": "89…"}),
        help_text=_("The long number of the eSIM, in the buyer's telephone under About. Blanks do not matter."))
