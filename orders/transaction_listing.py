"""The list of transactions: its tabs, its filters and its rows. Search asks indexes only: exact values and prefixes."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog import gateway
from catalog.models import Supplier
from catalog.suppliers.ports import TransactionDesk
from catalog.suppliers.transactions import Action

from .models import Transaction
from .models.transaction import GIVEN_UP, OPEN, TransactionStatus

SHORTEST_PREFIX = 4
COUNT_TO = 100
TABS = {
    "": (_("All"), Q()),
    "open": (_("Open"), Q(status__in=OPEN)),
    "given_up": (_("Needs a person"), GIVEN_UP),
    **{word: (word.label, Q(status=word)) for word in (
        TransactionStatus.UNKNOWN, TransactionStatus.PENDING, TransactionStatus.FAILED, TransactionStatus.CONFIRMED)},
}
COUNTED = ("open", "given_up")


class FilterForm(forms.Form):
    """What the address of the list may say; everything is optional."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100, widget=forms.TextInput(
        attrs={"type": "search", "placeholder": _("Any of its ids"), "autocomplete": "off"}))
    status = forms.ChoiceField(required=False, choices=[(word, title) for word, (title, _q) in TABS.items()],
                               widget=forms.HiddenInput)
    supplier = forms.ChoiceField(label=_("Supplier"), required=False)
    action = forms.ChoiceField(label=_("Action"), required=False, choices=[
        ("", _("Any action")), *((word, word) for word in Action)])

    def __init__(self, data):
        super().__init__(data, auto_id="filter_%s")
        self._suppliers = {supplier.name: supplier.pk for supplier in Supplier.objects.order_by("name")
                           if gateway.supports(supplier, TransactionDesk)}
        self.fields["supplier"].choices = [("", _("Any supplier")), *((name, name) for name in self._suppliers)]

    @property
    def has_several_suppliers(self):
        return len(self._suppliers) > 1

    @property
    def is_narrowed(self):
        return any(self.cleaned_data.get(name) for name in ("q", "supplier", "action"))

    def rows(self):
        """The transactions that fit, in no order yet."""
        wanted = self.cleaned_data
        rows = Transaction.objects.filter(TABS[wanted["status"]][1])
        if wanted["supplier"]:
            rows = rows.filter(supplier=self._suppliers[wanted["supplier"]])
        if wanted["action"]:
            rows = rows.filter(action=wanted["action"])
        return _among(rows, wanted["q"].strip())


def counts():
    """How many stand in the tabs that mean work, each counted up to COUNT_TO only."""
    found = {word: Transaction.objects.filter(TABS[word][1])[:COUNT_TO].count() for word in COUNTED}
    return {word: f"{COUNT_TO - 1}+" if n >= COUNT_TO else n for word, n in found.items()}


def _among(rows, text):
    if not text:
        return rows
    named = Q(transaction_id=text) | Q(round_id=text) | Q(player_id=text) | Q(request_id=text)
    if len(text) >= SHORTEST_PREFIX:
        named |= Q(transaction_id__startswith=text) | Q(round_id__startswith=text)
    return rows.filter(named)
