"""The mirror of a supplier's catalog. Only the sync writes here; the supplier's own words stay beside our columns.

Nothing is deleted: what the supplier no longer lists gets `gone_at`, because orders point at it.
"""

from django.db import models
from django.db.models import F, Q

from catalog.exact import ExactJSONField
from catalog.money import MoneyField
from catalog.suppliers.types import Denomination, ProductKind


def _choices(words):
    return [(word.value, "eSIM" if word == "esim" else word.value.replace("_", " ").capitalize()) for word in words]


class Mirrored(models.Model):
    """Columns of everything mirrored: whose it is, its id there, what it looked like, and since when it is gone.

    `digest` is a 128-bit hash of the mapped content and of `raw`: equal digests mean nothing to write.
    """

    supplier = models.ForeignKey("catalog.Supplier", on_delete=models.PROTECT, related_name="+")
    supplier_ref = models.CharField(max_length=100)
    raw = ExactJSONField(default=dict)
    digest = models.UUIDField(null=True, editable=False)
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class ProductType(Mirrored):
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=_choices(ProductKind))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["supplier", "supplier_ref"], name="one_type_per_ref")]

    def __str__(self):
        return self.name


class Category(Mirrored):
    name = models.CharField(max_length=200)
    parent_ref = models.CharField(max_length=100, blank=True)
    attributes = ExactJSONField(default=list)

    class Meta:
        verbose_name_plural = "categories"
        constraints = [models.UniqueConstraint(fields=["supplier", "supplier_ref"], name="one_category_per_ref")]

    def __str__(self):
        return self.name


class Product(Mirrored):
    """`fields` is the list of inputs an order needs, as dicts with the keys of `types.InputField`.

    `search_text` holds the words it can be found by, see `catalog.search`. `told` is a digest of what the supplier sent for
    it and its SKUs, and of all that was gone by in reading it. It stands only while these very rows came of that, so
    whoever changes one of them takes it away.
    """

    name = models.CharField(max_length=300)
    kind = models.CharField(max_length=12, choices=_choices(ProductKind))
    type = models.ForeignKey(ProductType, null=True, on_delete=models.PROTECT, related_name="products")
    category = models.ForeignKey(Category, null=True, on_delete=models.PROTECT, related_name="products")
    region = models.CharField(max_length=40, blank=True)
    description = models.TextField(blank=True)
    image_url = models.CharField(max_length=500, blank=True)
    is_active = models.BooleanField(default=True)
    fields = ExactJSONField(default=list)
    search_text = models.TextField(blank=True, editable=False)
    told = models.UUIDField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["supplier", "supplier_ref"], name="one_product_per_ref")]
        indexes = [
            models.Index(fields=["supplier_ref"], name="product_by_ref"),
            models.Index(fields=["name", "id"], name="product_by_name"),
            models.Index(fields=["supplier", "name", "id"], name="product_by_supplier_name"),
            models.Index(fields=["kind", "name", "id"], name="product_by_kind_name"),
        ]

    def __str__(self):
        return self.name

    @property
    def is_on_sale(self):
        return self.gone_at is None and self.is_active


class Sku(Mirrored):
    """The smallest thing that can be bought. `stock` and `max_per_order` null: no limit told.

    `category` is what the supplier files it under within its product, and is part of an order there.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="skus")
    name = models.CharField(max_length=300)
    denomination = models.CharField(max_length=8, choices=_choices(Denomination))
    price = MoneyField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    face_value = MoneyField(null=True, blank=True)
    face_currency = models.CharField(max_length=3, blank=True)
    min_amount = MoneyField(null=True, blank=True)
    max_amount = MoneyField(null=True, blank=True)
    step = MoneyField(null=True, blank=True)
    stock = models.IntegerField(null=True, blank=True)
    max_per_order = models.IntegerField(null=True, blank=True)
    markup_percent = MoneyField(null=True, blank=True)
    markup_fixed = MoneyField(null=True, blank=True)
    rate = models.DecimalField(max_digits=24, decimal_places=12, null=True, blank=True)
    category = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = "SKU"
        verbose_name_plural = "SKUs"
        constraints = [
            models.UniqueConstraint(fields=["supplier", "supplier_ref"], name="one_sku_per_ref"),
            models.CheckConstraint(condition=Q(price=None) | Q(price__gte=0), name="price_not_negative"),
            models.CheckConstraint(
                condition=Q(min_amount=None) | Q(max_amount=None) | Q(min_amount__lte=F("max_amount")),
                name="amount_range_in_order",
            ),
        ]
        indexes = [models.Index(fields=["supplier_ref"], name="sku_by_ref")]

    def __str__(self):
        return self.name

    @property
    def is_open(self):
        return self.denomination == Denomination.OPEN
