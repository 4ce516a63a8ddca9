"""One walk through a supplier's catalog, and what it found."""

from django.db import models
from django.db.models import Q

from catalog.money import MoneyField


class SyncRun(models.Model):
    """A run publishes all of what it walked or nothing; `stage` and `pages` say how far a failed one came.

    One with `prices_only` read the price list alone, between whole walks.
    """

    class Status(models.TextChoices):
        RUNNING = "running", "Running"
        COMPLETE = "complete", "Complete"
        FAILED = "failed", "Failed"

    supplier = models.ForeignKey("catalog.Supplier", on_delete=models.PROTECT, related_name="sync_runs")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.RUNNING)
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    stage = models.CharField(max_length=40, blank=True)
    pages = models.IntegerField(default=0)
    rows = models.IntegerField(default=0)
    created = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    retired = models.IntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    warnings = models.JSONField(default=list)
    prices_only = models.BooleanField(default=False)
    started_by = models.CharField(max_length=150, blank=True)

    class Meta:
        permissions = [("start_sync", "Can start a catalog sync")]
        constraints = [
            models.UniqueConstraint(
                fields=["supplier"], condition=Q(status="running"), name="one_running_sync_per_supplier"),
        ]
        indexes = [models.Index(fields=["supplier", "-started_at"], name="sync_run_latest")]


class SyncChange(models.Model):
    """What one run made of one SKU or product; kept for the run page and the price history."""

    class Kind(models.TextChoices):
        NEW = "new", "New"
        PRICE = "price", "Price changed"
        CHANGED = "changed", "Changed"
        GONE = "gone", "Gone"
        BACK = "back", "Back"

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    product = models.ForeignKey("catalog.Product", null=True, on_delete=models.CASCADE, related_name="changes")
    sku = models.ForeignKey("catalog.Sku", null=True, on_delete=models.CASCADE, related_name="changes")
    old_price = MoneyField(null=True)
    new_price = MoneyField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["run", "kind", "id"], name="sync_change_by_kind"),
            models.Index(fields=["sku", "-at"], name="sync_change_by_sku"),
        ]
