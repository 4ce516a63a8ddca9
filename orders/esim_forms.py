"""Forms of the eSIM desk. What an ICCID must be like is decided in `esims`; here it is only drawn."""

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog import gateway
from catalog.suppliers import ports

ICCID = {"autocomplete": "off", "spellcheck": "false", "inputmode": "numeric"}


def desks():
    """Active suppliers that tell what became of an eSIM, by name."""
    return gateway.active(ports.EsimDesk)


class FindForm(forms.Form):
    """What the address of the list may say."""

    q = forms.CharField(label=_("Search"), required=False, max_length=30, widget=forms.TextInput(
        attrs={**ICCID, "type": "search", "placeholder": _("Beginning of an ICCID")}))


class EsimForm(forms.Form):
    """Which eSIM to ask about; with one supplier there is nothing to choose."""

    iccid = forms.CharField(
        label=_("ICCID"), max_length=40, widget=forms.TextInput(attrs={**ICCID, "placeholder": "89…"}),
        help_text=_("The long number of the eSIM, in the buyer's telephone under About. Blanks do not matter."))
    supplier = forms.ChoiceField(label=_("Supplier"))

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self._desks = {desk.name: desk for desk in desks()}
        self.fields["supplier"].choices = [(name, name) for name in self._desks]
        if len(self._desks) == 1:
            self.fields["supplier"].widget = forms.HiddenInput()
            self.initial.setdefault("supplier", next(iter(self._desks)))

    @property
    def chosen(self):
        """The Supplier row."""
        return self._desks[self.cleaned_data["supplier"]]
