"""Orders at a supplier that no order here explains: bought past Purser, or lost with an older database."""

from django.db import models
from django.db.models import Q

from catalog.money import MoneyField


class OrderComparison(models.Model):
    """When a supplier's whole list of orders was compared with ours, first and last, and what came of it last."""

    supplier = models.OneToOneField("catalog.Supplier", on_delete=models.PROTECT, related_name="order_comparison")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    read = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    unmatched = models.PositiveIntegerField(default=0)

    def __str__(self):
        return f"{self.supplier} {self.last_at:%Y-%m-%d %H:%M}"


class UnmatchedPurchase(models.Model):
    """One such order, as the supplier told it last. It is OPEN until staff make it an order here or explain it.

    No code is kept here: the supplier has it, and it is read again when the purchase becomes an order.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ADOPTING = "adopting", "Being made an order"
        ADOPTED = "adopted", "Made an order"
        EXPLAINED = "explained", "Explained"

    supplier = models.ForeignKey("catalog.Supplier", on_delete=models.PROTECT, related_name="unmatched_purchases")
    supplier_order_id = models.CharField(max_length=100)
    ref = models.CharField(max_length=100, blank=True)
    sku_ref = models.CharField(max_length=100, blank=True)
    word = models.CharField(max_length=60, blank=True)
    total = MoneyField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    ordered_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    order = models.OneToOneField("orders.Order", null=True, on_delete=models.PROTECT, related_name="unmatched_purchase")
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["supplier", "supplier_order_id"], name="one_row_per_unmatched_purchase"),
            models.CheckConstraint(
                condition=Q(state="adopted", order__isnull=False) | (~Q(state="adopted") & Q(order=None)),
                name="adopted_purchase_has_its_order"),
        ]
        indexes = [models.Index(fields=["state", "-first_seen_at", "-id"], name="unmatched_by_state")]

    def __str__(self):
        return f"{self.supplier} {self.supplier_order_id}"
