"""Forms of the monitoring pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Supplier
from orders.models.notice import Result

KIND_WORDS = (("order", _("Order")), ("money", _("Money")), ("other", _("Other")))


class NoticeFilter(forms.Form):
    """Which webhooks to list."""

    supplier = forms.ModelChoiceField(
        Supplier.objects.order_by("name"), to_field_name="name", required=False, empty_label=_("All"), label=_("Supplier"))
    result = forms.ChoiceField(choices=[("", _("All")), *Result.choices], required=False, label=_("Result"))
    kind = forms.ChoiceField(choices=[("", _("All")), *KIND_WORDS], required=False, label=_("About"))

    def narrow(self, notices):
        """The rows of the queryset `notices` that are asked for."""
        self.is_valid()
        return notices.filter(**{name: value for name, value in self.cleaned_data.items() if value})
