"""What a person was shown before confirming."""

import uuid

from django.db import models

from catalog.money import MoneyField


class Quote(models.Model):
    """A price, fetched at one time for one exact request. `request_digest` ties it to what was asked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sku = models.ForeignKey("catalog.Sku", on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    amount = MoneyField(null=True)
    request_digest = models.CharField(max_length=64)
    total = MoneyField()
    currency = models.CharField(max_length=3)
    unit_price = MoneyField(null=True)
    is_estimate = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True)
    fetched_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    asked_by = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")
