"""A row of a supplier's own books, mirrored."""

from django.db import models
from django.db.models import Q

from catalog.exact import ExactJSONField
from catalog.money import MoneyField


class Entry(models.Model):
    """A deposit or a transaction; `word` is what the supplier calls its sort or its status.

    Only `status`, `word` and `posted_at` ever change, until it is posted, as the supplier's do; the database refuses any
    other change.
    """

    class Kind(models.TextChoices):
        DEPOSIT = "deposit", "Deposit"
        TRANSACTION = "transaction", "Transaction"

    class Status(models.TextChoices):
        POSTED = "posted", "Posted"
        PENDING = "pending", "Pending"
        UNKNOWN = "unknown", "Unknown"

    supplier = models.ForeignKey("catalog.Supplier", on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey("funding.Account", on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    supplier_key = models.CharField(max_length=200)
    word = models.CharField(max_length=60)
    status = models.CharField(max_length=8, choices=Status.choices)
    amount = MoneyField()
    currency = models.CharField(max_length=3)
    balance_after = MoneyField(null=True)
    order_id = models.CharField(max_length=100, blank=True)
    method = models.CharField(max_length=60, blank=True)
    external_ref = models.CharField(max_length=200, blank=True)
    occurred_at = models.DateTimeField()
    posted_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField()
    raw = ExactJSONField(default=dict)

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "account", "kind", "supplier_key"], name="one_entry_per_supplier_key"),
            models.CheckConstraint(condition=Q(kind__in=["deposit", "transaction"]), name="entry_kind_known"),
            models.CheckConstraint(condition=Q(status__in=["posted", "pending", "unknown"]), name="entry_status_known"),
        ]
        indexes = [
            models.Index(fields=["account", "kind", "-occurred_at", "-id"], name="entry_latest"),
            models.Index(fields=["kind", "-occurred_at", "-id"], name="entry_latest_of_kind"),
            models.Index(fields=["kind", "status", "-occurred_at", "-id"], name="entry_latest_by_status"),
            models.Index(fields=["supplier", "order_id"], name="entry_by_order"),
            models.Index(
                fields=["first_seen_at"], condition=Q(kind="transaction", amount__gt=0), name="entry_gives_back"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.supplier_key}"
