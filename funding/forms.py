"""What staff may say to funding."""

from datetime import datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog import gateway, money
from catalog.models import Supplier
from catalog.suppliers.ports import Till

from .models import Account, Entry, Threshold


class ThresholdForm(forms.ModelForm):
    """A threshold of one account; the account stands beside the form, not in it."""

    class Meta:
        model = Threshold
        fields = ["trigger_amount", "clear_amount", "note"]
        labels = {"trigger_amount": _("Alert at"), "clear_amount": _("Clear at"), "note": _("Note")}
        help_texts = {
            "trigger_amount": _("People are told when available falls to this amount or below."),
            "clear_amount": _("The alert ends when available is back at this amount. Leave a gap, or a balance that "
                              "hovers around the first amount would alert again and again."),
            "note": _("Shown in the alert, for example whom to call or how to deposit."),
        }

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        currency = self.instance.account.currency
        for name in ("trigger_amount", "clear_amount"):
            field = self.fields[name]
            field.label = f"{field.label} ({currency})"
            field.widget.attrs["inputmode"] = "decimal"
            field.widget.attrs.pop("step", None)
            field.widget.input_type = "text"
            if self.initial.get(name) is not None:
                self.initial[name] = money.plain(self.initial[name], currency)

    def clean(self):
        """The rules between columns in the words of this form; so the model's own check of them is not asked (no super)."""
        cleaned = self.cleaned_data
        trigger, clear = cleaned.get("trigger_amount"), cleaned.get("clear_amount")
        if trigger is not None and clear is not None and clear <= trigger:
            self.add_error("clear_amount", _("Must be more than the amount that raises the alert."))
        twins = Threshold.objects.filter(account=self.instance.account, trigger_amount=trigger)
        if trigger is not None and twins.exclude(pk=self.instance.pk).exists():
            self.add_error("trigger_amount", _("This account already has an alert at this amount."))
        return cleaned


class EntryFilter(forms.Form):
    """The filter of the deposits and transactions lists; all of it stands in the address."""

    supplier = forms.ModelChoiceField(
        gateway.choices(Till), to_field_name="name", required=False, label=_("Supplier"),
        empty_label=_("All"))
    currency = forms.ChoiceField(required=False, label=_("Currency"))
    status = forms.ChoiceField(
        choices=[("", _("All")), *Entry.Status.choices], required=False, widget=forms.HiddenInput)
    order = forms.CharField(required=False, max_length=100, label=_("Supplier's order id"))
    since = forms.DateField(required=False, label=_("From"), widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(required=False, label=_("To"), widget=forms.DateInput({"type": "date"}))

    def __init__(self, *args, kind, **options):
        super().__init__(*args, **options)
        currencies = Account.objects.order_by("currency").values_list("currency", flat=True).distinct()
        self.fields["currency"].choices = [("", _("All")), *((code, code) for code in currencies)]
        self.kind = kind
        del self.fields["order" if kind == Entry.Kind.DEPOSIT else "status"]

    def clean(self):
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("Must not be before the first day."))
        return cleaned

    def narrow(self):
        """The entries that match; call it after `is_valid`."""
        wanted = {name: value for name, value in self.cleaned_data.items() if value}
        entries = Entry.objects.filter(kind=self.kind)
        if "order" in wanted:
            # With every supplier named, because that is what the index begins with.
            entries = entries.filter(supplier__in=list(Supplier.objects.values_list("pk", flat=True)))
        if "supplier" in wanted or "currency" in wanted:
            # By account, for the same reason.
            places = {name: wanted[name] for name in ("supplier", "currency") if name in wanted}
            entries = entries.filter(account__in=list(Account.objects.filter(**places).values_list("pk", flat=True)))
        if "since" in wanted:
            entries = entries.filter(occurred_at__gte=_midnight(wanted["since"]))
        if "until" in wanted:
            entries = entries.filter(occurred_at__lt=_midnight(wanted["until"] + timedelta(days=1)))
        return entries.filter(**{lookup: wanted[name] for name, lookup in (("status", "status"), ("order", "order_id"))
                                 if name in wanted})


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))
