"""An order: what a buyer wants from one supplier, from the moment staff confirm it until it is final."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.money import MoneyField

from .parking import ParkReason


class Status(models.TextChoices):
    """The order's status, in these words everywhere. It moves only in `orders.lifecycle`."""

    QUEUED = "queued", "Queued"
    SENDING = "sending", "Sending"
    UNKNOWN = "unknown", "Unknown"
    PARKED = "parked", "Parked"
    ACCEPTED = "accepted", "Accepted"
    PARTIALLY_COMPLETED = "partially_completed", "Partially completed"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


FINAL = (Status.COMPLETED, Status.FAILED, Status.CANCELLED)
OPEN = tuple(status for status in Status if status not in FINAL)
NEEDS_PERSON = (Status.UNKNOWN, Status.PARKED)


class Priority(models.IntegerChoices):
    """Whose turn it is among the parked orders of one account, once money comes."""

    FIRST = 1, _("First")
    NORMAL = 0, _("Normal")
    LAST = -1, _("Last")


class OrderQuerySet(models.QuerySet):
    def open(self):
        return self.filter(status__in=OPEN, finished_at=None)

    def needing_a_person(self):
        return self.filter(Q(status__in=NEEDS_PERSON) | Q(needs_review=True))


class Order(models.Model):
    """`reference` is the merchant's own number for it. `agreed_total` is what staff confirmed, in `currency`.

    What stands here about its parts (chunks) is folded from their latest attempts in `orders.lifecycle`: `status`,
    `reason`, the totals, `parked_*`. `parked_total` is what the order would cost at the higher price that stopped it.
    Partially completed is where it may stay: it is finished once no part of it is open.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=40, unique=True)
    submission_token = models.UUIDField(unique=True, editable=False)
    payload_digest = models.CharField(max_length=64, editable=False)
    supplier = models.ForeignKey("catalog.Supplier", on_delete=models.PROTECT, related_name="orders")
    sku = models.ForeignKey("catalog.Sku", on_delete=models.PROTECT, related_name="orders")
    quote = models.ForeignKey("orders.Quote", null=True, on_delete=models.PROTECT, related_name="orders")
    quantity = models.PositiveIntegerField()
    amount = MoneyField(null=True)
    face_currency = models.CharField(max_length=3, blank=True)
    fields = models.JSONField(default=dict)
    recipient = models.CharField(max_length=200, blank=True)
    agreed_total = MoneyField()
    charged_total = MoneyField(null=True)
    currency = models.CharField(max_length=3)
    is_estimate = models.BooleanField(default=False)
    is_test = models.BooleanField(default=False)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.QUEUED)
    needs_review = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)
    parked_reason = models.CharField(max_length=8, choices=ParkReason.choices, blank=True)
    parked_at = models.DateTimeField(null=True)
    parked_total = MoneyField(null=True)
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    supplier_order_id = models.CharField(max_length=100, blank=True)
    placed_by = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        permissions = [
            ("place_order", "Can place orders"),
            ("reveal_code", "Can reveal delivered codes"),
            ("release_order", "Can release parked orders"),
            ("approve_order", "Can approve what goes beyond a spend limit"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_quantity_positive"),
            models.CheckConstraint(condition=Q(agreed_total__gte=0), name="order_total_not_negative"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="order_status_known"),
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="order_priority_known"),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_at=None)
                | (Q(approved_by__isnull=False, approved_at__isnull=False)
                   & (Q(placed_by=None) | ~Q(approved_by=F("placed_by")))),
                name="order_approved_by_another"),
            models.CheckConstraint(
                condition=(Q(status="parked") & ~Q(parked_reason="") & Q(parked_at__isnull=False))
                | (~Q(status="parked") & Q(parked_reason="") & Q(parked_at=None)),
                name="order_parked_for_a_reason"),
            models.CheckConstraint(
                condition=Q(status__in=FINAL, finished_at__isnull=False) | Q(status="partially_completed")
                | (~Q(status__in=FINAL) & Q(finished_at=None)),
                name="order_finished_when_final"),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="order_latest"),
            models.Index(fields=["status", "-created_at", "-id"], name="order_by_status"),
            models.Index(fields=["supplier", "-created_at", "-id"], name="order_by_supplier"),
            models.Index(fields=["-created_at", "-id"], condition=Q(needs_review=True), name="order_to_review"),
            models.Index(fields=["-created_at", "-id"], condition=Q(is_test=True), name="order_tests"),
            models.Index(fields=["currency", "-created_at", "-id"], name="order_by_currency"),
            models.Index(fields=["supplier_order_id"], name="order_by_supplier_id"),
            models.Index(fields=["recipient"], name="order_by_recipient", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["sku", "-created_at"], name="order_by_sku"),
            models.Index(fields=["placed_by", "-created_at"], name="order_by_person"),
        ]

    def __str__(self):
        return self.reference

    @property
    def is_final(self):
        return self.finished_at is not None
