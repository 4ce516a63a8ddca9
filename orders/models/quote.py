"""A price asked for one exact purchase, and what a person was shown before confirming it."""

import uuid

from django.db import models

from catalog.money import MoneyField


class Quote(models.Model):
    """Asked by a page or a command, fetched by a task. `request_digest` ties it to what was asked.

    PENDING has no price yet; REFUSED says in `note` why there is none. `parts` are the quantities it would be bought in,
    each with its price as text: [[5, "26.00"], [2, "10.40"]].
    """

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        READY = "ready", "Ready"
        REFUSED = "refused", "Refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sku = models.ForeignKey("catalog.Sku", on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    amount = MoneyField(null=True)
    fields = models.JSONField(default=dict)
    request_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    total = MoneyField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    unit_price = MoneyField(null=True)
    parts = models.JSONField(default=list)
    is_estimate = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    fetched_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="ready")
                | models.Q(total__isnull=False, fetched_at__isnull=False, expires_at__isnull=False),
                name="ready_quote_has_a_price"),
        ]
        indexes = [models.Index(fields=["asked_at"], condition=models.Q(state="pending"), name="quote_pending")]
