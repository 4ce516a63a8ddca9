"""Forms of the transaction pages. What a transaction must be like is decided in `telling`; here it is only drawn."""

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog import gateway
from catalog.suppliers import ports
from catalog.suppliers.transactions import Action

from . import filing, telling
from .desk_forms import DeskForm
from .forms import Typed

PLAIN = {"autocomplete": "off", "spellcheck": "false"}
DIGITS = {**PLAIN, "inputmode": "numeric"}
LABELS = {
    "token": _("Session token"), "player_id": _("Player id"), "site_id": _("Site id"), "provider_id": _("Provider id"),
    "game_id": _("Game id"), "currency": _("Currency"), "amount": _("Amount"), "round_id": _("Round id"),
    "transaction_id": _("Transaction id"),
}
HINTS = {
    "token": _("From the launch of the game. It is kept encrypted and never shown again."),
    "amount": _("Exactly as it was sent, for example 50.50."),
    "provider_id": _("Leave it empty to use the connection's own."),
}


def desks():
    """Active suppliers that can be asked about transactions, by name."""
    return gateway.active(ports.TransactionDesk)


class TransactionForm(DeskForm):
    """One transaction, typed or pasted; what is pasted goes before what is typed."""

    port = ports.TransactionDesk

    paste = forms.CharField(
        label=_("Paste the request or the launch address"), required=False, max_length=telling.LONGEST_PASTE,
        widget=forms.Textarea(attrs={"rows": 4, **PLAIN}),
        help_text=_("JSON as it was sent, or an address. It fills the fields below; what is missing there you type."))

    def __init__(self, data=None, **options):
        super().__init__(_filled(data), **options)
        for name, label in LABELS.items():
            widget = forms.TextInput(attrs=DIGITS if name in telling.NUMBERS else PLAIN)
            self.fields[name] = Typed(
                label=label, required=name not in telling.OPTIONAL, help_text=HINTS.get(name, ""), widget=widget)
        self.fields["action"] = Typed(label=_("Action"), widget=forms.Select(
            choices=[("", "—"), *((word, word) for word in Action)]))

    def clean_paste(self):
        """What is still there could not be read."""
        try:
            return telling.pasted(self.cleaned_data["paste"]) if self.cleaned_data["paste"] else {}
        except telling.Wrong as wrong:
            raise forms.ValidationError(wrong.errors["paste"]) from None

    @property
    def told(self):
        """What was typed or pasted, as `telling.read` takes it."""
        return {name: self.data.get(name, "") for name in telling.FIELDS}

    def refuse(self, errors):
        """Show each of `errors` at its input, or above the form where it has none."""
        for name, message in errors.items():
            self.add_error(name if name in self.fields else None, message)


def _filled(data):
    """The POST with the pasted fields in their places; a paste that cannot be read stays where it is."""
    if data is None or not data.get("paste", "").strip():
        return data
    data = data.copy()
    try:
        found = telling.pasted(data["paste"][:telling.LONGEST_PASTE])
    except telling.Wrong:
        return data
    data["paste"] = ""
    for name, value in found.items():
        data[name] = value
    return data


class FileForm(DeskForm):
    port = ports.TransactionDesk

    file = forms.FileField(
        label=_("CSV file"), allow_empty_file=False,
        help_text=_("Columns: %(columns)s. At most %(rows)d lines and 1 MB.") % {
            "columns": ", ".join(filing.REQUIRED), "rows": filing.MOST_ROWS},
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}))
