"""Forms of the orders pages. Which inputs a purchase needs is told by the catalog; whether they fit, by `orders.terms`."""

import uuid
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog import gateway
from catalog.models import Supplier
from catalog.money import show

from . import chunking
from .asking import inputs_of
from .models import Order
from .models.order import Priority
from .terms import MAX_QUANTITY, reference_problem

WIDGETS = {
    "email": lambda: forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    "digits": lambda: forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    "phone": lambda: forms.TextInput(attrs={"autocomplete": "off", "type": "tel", "placeholder": "+447700900123"}),
}


class Typed(forms.CharField):
    """An input that `orders.terms` checks; here it is only drawn, so that one place decides and gives the message."""

    def validate(self, value):
        """Nothing to say here."""

    def run_validators(self, value):
        """Nothing to say here."""


class IntentForm(forms.Form):
    """What goes along from the first step to the confirmation: whose order it is, and under which submission token."""

    token = forms.UUIDField(widget=forms.HiddenInput, error_messages={
        "required": _("This form is incomplete. Start a new order."),
        "invalid": _("This form is damaged. Start a new order.")})
    reference = forms.CharField(
        label=_("Your reference"), required=False, max_length=40,
        help_text=_("Your own order number. Leave it empty and Purser gives one."))
    is_test = forms.BooleanField(label=_("Test order: nothing is bought"), required=False)

    def __init__(self, *args, sku, **options):
        super().__init__(*args, **options)
        if not gateway.takes_test_orders(sku.supplier):
            del self.fields["is_test"]

    @property
    def intent(self):
        """Token, reference and test switch as `placing.confirm` takes them."""
        return {"token": self.cleaned_data["token"], "reference": self.cleaned_data["reference"],
                "is_test": self.cleaned_data.get("is_test", False)}

    def clean_reference(self):
        reference = self.cleaned_data["reference"]
        problem = reference_problem(reference)
        if problem:
            raise forms.ValidationError(problem)
        return reference


class PurchaseForm(IntentForm):
    """The inputs that ordering one SKU needs, no more."""

    def __init__(self, *args, sku, **options):
        super().__init__(*args, sku=sku, **options)
        self.sku = sku
        inputs = {f"fields.{field['name']}": _input(field) for field in inputs_of(sku)}
        if sku.is_open:
            inputs["amount"] = _amount(sku)
        if _takes_quantity(sku):
            inputs["quantity"] = _quantity(sku)
        self.fields = inputs | self.fields
        self.initial["token"] = self.initial.get("token") or uuid.uuid4()
        if not self.is_bound:  # then the focus belongs to what is wrong
            next(field.widget for field in self.fields.values() if not field.widget.is_hidden).attrs["autofocus"] = True

    @property
    def terms(self):
        """What was typed, as `terms.check` takes it; with names of fields that the product does not have, to be refused."""
        prefix = "fields."
        return {
            "sku": self.sku, "quantity": self.data.get("quantity", ""), "amount": self.data.get("amount", ""),
            "fields": {name.removeprefix(prefix): value for name, value in self.data.items() if name.startswith(prefix)},
        }

    def refuse(self, errors):
        """Show each of `errors` (as of `terms.Wrong`) at its input, or above the form where it has none."""
        for name, message in errors.items():
            self.add_error(name if name in self.fields else None, message)

    def clean_reference(self):
        reference = super().clean_reference()
        taken = reference and Order.objects.filter(reference=reference).exclude(
            submission_token=self.cleaned_data.get("token")).exists()
        if taken:
            raise forms.ValidationError(_("Another order has this reference."))
        return reference


class ConfirmForm(IntentForm):
    """The last step. `repeat` is ticked by somebody who means a near-duplicate."""

    repeat = forms.BooleanField(label=_("I know, and I want to send it again"), required=False)


class PhoneForm(forms.Form):
    """A phone number, and at which connection to look for its operator. `orders.phones` says whether the number fits."""

    supplier = forms.ModelChoiceField(
        label=_("Supplier"), queryset=Supplier.objects.none(), empty_label=None,
        error_messages={"invalid_choice": _("Choose a supplier that can look up numbers.")})
    number = Typed(label=_("Phone number"), widget=WIDGETS["phone"](),
                   help_text=_("With its country code, for example +447700900123."))

    def __init__(self, *args, suppliers, **options):
        super().__init__(*args, **options)
        field = self.fields["supplier"]
        field.queryset = Supplier.objects.filter(pk__in=[supplier.pk for supplier in suppliers]).order_by("name")
        if len(suppliers) == 1:
            field.widget, field.initial = forms.HiddenInput(), suppliers[0].pk


class NoteForm(forms.Form):
    text = forms.CharField(label=_("Note"), required=False, max_length=480)


class RevealForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is the code needed?"), max_length=200,
        help_text=_("Stands on the order's timeline with your name."))


class ReleaseForm(forms.Form):
    """`total` is the new price that the person saw; needed where a higher price stopped the order."""

    total = forms.DecimalField(required=False, max_digits=20, decimal_places=6, widget=forms.HiddenInput)

    def __init__(self, *args, order, **options):
        super().__init__(*args, **options)
        self.order = order

    def clean_total(self):
        total, needed = self.cleaned_data["total"], self.order.parked_total
        if needed is not None and total != needed:
            raise forms.ValidationError(_("The price is now %(total)s. Look at it, then release again.") % {
                "total": show(needed, self.order.currency)})
        return total


class DepositForm(forms.Form):
    """What if so much came? `account` is the id of the account it would come to."""

    account = forms.IntegerField(min_value=1, max_value=2**62, widget=forms.HiddenInput)
    deposit = forms.DecimalField(
        label=_("A deposit of"), min_value=Decimal("0.01"), max_digits=14, decimal_places=4,
        error_messages={"required": _("Enter an amount."), "invalid": _("Enter an amount, for example 250.00.")})


class QueueForm(forms.Form):
    """Which part of the queue: of `only` one account (an id), from the `start`th part on."""

    only = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    start = forms.IntegerField(required=False, min_value=0, max_value=10**6)


class PriorityForm(forms.Form):
    priority = forms.TypedChoiceField(choices=Priority.choices, coerce=int)


def _takes_quantity(sku):
    return chunking.may_split(sku)


def _quantity(sku):
    limit = min(filter(None, (chunking.most(sku), sku.stock, MAX_QUANTITY)))
    return Typed(
        label=_("Quantity"), initial="1", help_text=_quantity_hint(sku, limit),
        widget=forms.NumberInput(attrs={"min": 1, "max": limit, "step": 1, "inputmode": "numeric"}))


def _quantity_hint(sku, limit):
    hints = [_("At most %(limit)d per order.") % {"limit": limit}] if limit < MAX_QUANTITY else []
    if sku.max_per_order and limit > sku.max_per_order:
        hints.append(_("The supplier takes %(most)d at once: more is bought in parts.") % {"most": sku.max_per_order})
    return " ".join(hints)


def _amount(sku):
    currency = sku.face_currency or sku.currency
    limits = {"min": sku.min_amount, "max": sku.max_amount, "step": sku.step or "any"}
    return Typed(
        label=_("Amount in %(currency)s") % {"currency": currency}, help_text=_range(sku, currency),
        widget=forms.NumberInput(attrs={
            "inputmode": "decimal", **{name: _plain(value) for name, value in limits.items() if value}}))


def _range(sku, currency):
    parts = []
    if sku.min_amount is not None and sku.max_amount is not None:
        parts.append(_("From %(low)s to %(high)s.") % {
            "low": show(sku.min_amount, currency), "high": show(sku.max_amount, currency)})
    elif sku.max_amount is not None:
        parts.append(_("At most %(high)s.") % {"high": show(sku.max_amount, currency)})
    elif sku.min_amount is not None:
        parts.append(_("At least %(low)s.") % {"low": show(sku.min_amount, currency)})
    if sku.step:
        parts.append(_("In steps of %(step)s.") % {"step": show(sku.step, currency)})
    return " ".join(map(str, parts))


def _input(field):
    options = {"label": field.get("label") or field["name"], "required": field.get("required", True),
               "help_text": field.get("hint", "")}
    if field.get("kind") == "choice":
        choices = [(str(choice), str(choice)) for choice in field.get("choices", ())]
        return Typed(widget=forms.Select(choices=[("", "—"), *choices]), **options)
    widget = WIDGETS.get(field.get("kind"), lambda: forms.TextInput(attrs={"autocomplete": "off"}))
    return Typed(widget=widget(), **options)


def _plain(value):
    return f"{value.normalize():f}" if hasattr(value, "normalize") else value
