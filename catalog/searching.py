"""Finding products: by words, and by what staff filter on. The same answers on both databases."""

from django import forms
from django.core.cache import cache
from django.db import connection
from django.db.models import BooleanField, Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from . import gateway
from .models import Category, Product, Sku
from .suppliers.ports import CatalogSource
from .suppliers.types import ProductKind
from .words import words

CHOICES_FOR_S = 60
STATES = [("", _("On sale")), ("gone", _("Gone")), ("all", _("All"))]


class ProductFilter(forms.Form):
    """The filters of the product list, all optional."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200, strip=True, widget=forms.TextInput(attrs={
        "type": "search", "placeholder": _("Name, region, category or id"), "autocomplete": "off"}))
    supplier = forms.ChoiceField(label=_("Supplier"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)
    in_stock = forms.BooleanField(label=_("In stock only"), required=False)

    def __init__(self, data):
        super().__init__(data)
        self._offered = cache.get_or_set("catalog.filter_choices", _choices, CHOICES_FOR_S)
        for name, values in self._offered.items():
            self.fields[name].choices = [("", _("All")), *values]

    @property
    def drawn_from(self):
        """Everything that its look depends on, besides the language."""
        return [self.data.get(name, "") for name in self.fields], self._offered

    def chosen(self):
        """The understood filters by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


def find(chosen):
    """Products that match `chosen` (as `ProductFilter.chosen` gives it)."""
    found = Product.objects.all()
    state = chosen.get("state")
    if state != "all":
        found = found.filter(gone_at__isnull=state != "gone")
    if "supplier" in chosen:
        found = found.filter(supplier__name=chosen["supplier"])
    if "kind" in chosen:
        found = found.filter(kind=chosen["kind"])
    if "category" in chosen:
        found = found.filter(category__name=chosen["category"])
    skus = _sku_filter(chosen)
    if skus is not None:
        found = found.filter(Exists(skus.filter(product=OuterRef("pk"))))
    return with_words(found, chosen.get("q", ""))


def with_words(products, text):
    """Those of `products` that `text` is an id of; else those with, for each word of it, a word that begins so."""
    exact = _with_id(text.strip())
    if exact:
        return products.filter(pk__in=exact)
    asked = words(text)[:10]
    if text.strip() and not asked:
        return products.none()
    if asked and connection.vendor == "postgresql":
        # The very expression of the index product_by_words; words hold letters and digits only.
        query = " & ".join(f"'{word}':*" for word in asked)
        return products.filter(RawSQL(
            "array_to_tsvector(string_to_array(catalog_product.search_text, ' ')) @@ %s::tsquery", [query],
            output_field=BooleanField()))
    for word in asked:
        products = products.filter(Q(search_text__startswith=word) | Q(search_text__contains=f" {word}"))
    return products


def _with_id(text):
    """Ids of the products that a supplier calls `text`, or that have a SKU called so."""
    if not text or " " in text:
        return []
    skus = Sku.objects.filter(supplier_ref=text).order_by().values_list("product_id", flat=True)
    return [*Product.objects.filter(supplier_ref=text).order_by().values_list("id", flat=True), *skus]


def _sku_filter(chosen):
    if not {"currency", "in_stock"} & set(chosen):
        return None
    skus = Sku.objects.filter(gone_at=None)
    if "currency" in chosen:
        skus = skus.filter(Q(currency=chosen["currency"]) | Q(face_currency=chosen["currency"]))
    if "in_stock" in chosen:
        skus = skus.exclude(stock=0)
    return skus


def _choices():
    """What can be chosen; read at most once a minute, because currencies are many rows and few words."""
    currencies = set(Sku.objects.order_by().values_list("currency", flat=True).distinct())
    currencies |= set(Sku.objects.order_by().values_list("face_currency", flat=True).distinct())
    categories = Category.objects.filter(gone_at=None).order_by("name").values_list("name", flat=True).distinct()
    suppliers = gateway.choices(CatalogSource).values_list("name", flat=True)
    return {
        "supplier": [(name, name) for name in suppliers],
        "kind": [(kind.value, kind.value.replace("_", " ").capitalize()) for kind in ProductKind],
        "category": [(name, name) for name in categories],
        "currency": [(code, code) for code in sorted(currencies - {""})],
    }
