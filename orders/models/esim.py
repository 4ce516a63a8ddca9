"""eSIMs that were sold, what their suppliers told of them last, and what staff did with them."""

import uuid

from django.db import models
from django.db.models import Q


class Esim(models.Model):
    """One eSIM at one supplier. What stands here was read at `read_at`; null: never yet.

    `sealed_activation` holds the activation code behind the QR picture, a secret. `can_renew` null: not known. `packages`
    and `coverage` are lists of objects as `orders.esims` writes them. `due_at` is when it is to be read; null: when
    somebody asks. `problem` says why the last reading brought nothing. `order` is the order that delivered it, where it is
    one of ours.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    supplier = models.ForeignKey("catalog.Supplier", on_delete=models.PROTECT, related_name="esims")
    iccid = models.CharField(max_length=22)
    order = models.ForeignKey("orders.Order", null=True, on_delete=models.PROTECT, related_name="esims")
    word = models.CharField(max_length=60, blank=True)
    can_renew = models.BooleanField(null=True)
    last_package = models.CharField(max_length=200, blank=True)
    data_total = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    data_left = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    data_unit = models.CharField(max_length=20, blank=True)
    packages = models.JSONField(default=list)
    coverage = models.JSONField(default=list)
    sealed_activation = models.TextField(blank=True, editable=False)
    problem = models.CharField(max_length=300, blank=True)
    read_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "sold eSIM"  # the admin makes the first letter a capital
        verbose_name_plural = "sold eSIMs"
        permissions = [("read_esim", "Can ask suppliers about eSIMs")]
        constraints = [models.UniqueConstraint(fields=["supplier", "iccid"], name="one_row_per_esim")]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="esim_latest"),
            models.Index(fields=["iccid"], name="esim_by_iccid", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="esim_due"),
        ]

    def __str__(self):
        return self.iccid


class EsimEvent(models.Model):
    """What staff or Purser did with an eSIM. Append-only; `by` null: Purser or a command. Never holds an activation code."""

    class Kind(models.TextChoices):
        ENTERED = "entered", "Entered"
        ASKED = "asked", "Asked"
        DELIVERED = "delivered", "Delivered"
        REVEALED = "revealed", "Code revealed"
        CAPPED = "capped", "Reveal refused"

    esim = models.ForeignKey(Esim, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=9, choices=Kind.choices)
    text = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "event of an eSIM"
        verbose_name_plural = "events of eSIMs"
        indexes = [
            models.Index(fields=["esim", "-at", "-id"], name="esim_event_latest"),
            models.Index(fields=["by", "-at"], condition=Q(kind="revealed"), name="esim_reveals"),
        ]
