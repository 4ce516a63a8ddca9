"""The order list: its views on the orders (tabs), its filters, and how many orders wait in each tab."""

from datetime import datetime, time, timedelta

from django import forms
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog import gateway
from catalog.models import Product, Sku
from catalog.suppliers.ports import OrderDesk

from . import search
from .models import Order, Shortfall
from .models.order import NEEDS_PERSON, OPEN, Status

COUNT_TO = 100  # beyond that a person needs to know "many", not how many

# The word in the address -> title and condition. The first ones are tabs; the rest are reached by the status filter.
TABS = {
    "action": (_("Needs action"), Q(status__in=NEEDS_PERSON) | Q(needs_review=True)),
    "open": (_("Open"), Q(status__in=OPEN, finished_at=None)),
    "unknown": (_("Unknown"), Q(status=Status.UNKNOWN)),
    "parked": (_("Parked"), Q(status=Status.PARKED)),
    "completed": (_("Completed"), Q(status=Status.COMPLETED)),
    "failed": (_("Failed"), Q(status=Status.FAILED)),
    "all": (_("All"), Q()),
}
OTHERS = {
    "review": (_("Needs review"), Q(needs_review=True)),
    "refund": (_("Refund late"), Q(pk__in=Shortfall.objects.late().values("attempt__order"))),
    "queued": (_("Queued"), Q(status=Status.QUEUED)),
    "sending": (_("Sending"), Q(status=Status.SENDING)),
    "accepted": (_("Accepted"), Q(status=Status.ACCEPTED)),
    "partially_completed": (_("Partially completed"), Q(status=Status.PARTIALLY_COMPLETED)),
    "cancelled": (_("Cancelled"), Q(status=Status.CANCELLED)),
}
VIEWS = TABS | OTHERS
COUNTS = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM orders_order
                              WHERE status IN ('unknown', 'parked') OR needs_review LIMIT %s) AS waiting),
       (SELECT count(*) FROM (SELECT 1 FROM orders_order WHERE status IN
           ('queued', 'sending', 'unknown', 'parked', 'accepted', 'partially_completed')
                              AND finished_at IS NULL LIMIT %s) AS moving),
       (SELECT count(*) FROM (SELECT 1 FROM orders_order WHERE status = 'unknown' LIMIT %s) AS unknown),
       (SELECT count(*) FROM (SELECT 1 FROM orders_order WHERE status = 'parked' LIMIT %s) AS parked)
"""


class FilterForm(forms.Form):
    """What the address of the list may say. Everything is optional; `orders()` is the result."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[
        ("", _("Any status")), *((word, title) for word, (title, _condition) in VIEWS.items() if word != "all")])
    supplier = forms.ChoiceField(label=_("Supplier"), required=False)
    currency = forms.RegexField(r"^[A-Za-z]{3}$", label=_("Currency"), required=False, error_messages={
        "invalid": _("Three letters, for example USD.")})
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    mine = forms.BooleanField(label=_("Only mine"), required=False)
    test = forms.ChoiceField(label=_("Test orders"), required=False, choices=[
        ("", _("Live and test")), ("no", _("Live only")), ("yes", _("Test only"))])
    product = forms.IntegerField(label=_("Product"), required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    sku = forms.IntegerField(label=_("SKU"), required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, data):
        data = data.copy()
        if data.get("status") == "all":
            data["status"] = ""
        super().__init__(data, auto_id="filter_%s")
        self._suppliers = dict(gateway.choices(OrderDesk).values_list("name", "pk"))
        self.fields["supplier"].choices = [("", _("Any supplier")), *((name, name) for name in self._suppliers)]

    @property
    def tab(self):
        """The word of the view that is shown."""
        return self.cleaned_data.get("status") or "all"

    @property
    def is_narrowed(self):
        """Whether anything but a tab is chosen."""
        return any(value for name, value in self.cleaned_data.items() if name != "status")

    @property
    def goods(self):
        """The name of the product or SKU that the list is narrowed to; '' where it is not."""
        for model, name in ((Product, "product"), (Sku, "sku")):
            if self.cleaned_data.get(name):
                return model.objects.filter(pk=self.cleaned_data[name]).values_list("name", flat=True).first() or ""
        return ""

    @property
    def uses_more(self):
        """Whether one of the filters that stand folded away is in use."""
        return any(self.data.get(name) for name in ("currency", "since", "until", "test", "mine"))

    @property
    def drawn_from(self):
        """Everything that its look depends on, besides the language."""
        return [self.data.get(name, "") for name in self.fields], list(self._suppliers)

    def orders(self, *, by):
        """The orders that fit, in no order yet; `by` is who asks for "mine"."""
        wanted = self.cleaned_data
        exact = {"supplier": self._suppliers.get(wanted.get("supplier")), "currency": wanted.get("currency"),
                 "sku": wanted.get("sku")}
        orders = Order.objects.filter(VIEWS[self.tab][1], **{name: value for name, value in exact.items() if value})
        if wanted.get("product"):  # the few SKUs by name, because a join would be walked through all orders
            orders = orders.filter(sku__in=list(Sku.objects.filter(product=wanted["product"]).values_list("pk", flat=True)))
        if wanted.get("since"):
            orders = orders.filter(created_at__gte=_start(wanted["since"]))
        if wanted.get("until"):
            orders = orders.filter(created_at__lt=_start(wanted["until"] + timedelta(days=1)))
        if wanted.get("mine"):
            orders = orders.filter(placed_by=by)
        if wanted.get("test"):
            orders = orders.filter(is_test=wanted["test"] == "yes")
        return search.among(orders, wanted.get("q", ""))

    def clean_currency(self):
        return self.cleaned_data["currency"].upper()


def counts():
    """How many orders stand in the tabs that mean work, each counted up to COUNT_TO only."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [COUNT_TO] * 4)
        found = dict(zip(("action", "open", "unknown", "parked"), cursor.fetchone(), strict=True))
    return {word: f"{COUNT_TO - 1}+" if n >= COUNT_TO else n for word, n in found.items()}


def _start(day):
    return timezone.make_aware(datetime.combine(day, time.min))
