"""A phone number whose operator a supplier was asked for."""

import uuid

from django.db import models


class PhoneSearch(models.Model):
    """Asked by a page, answered by a task. `matches` are dicts with the keys of `types.PhoneMatch`, the likeliest first."""

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    supplier = models.ForeignKey("catalog.Supplier", on_delete=models.CASCADE, related_name="+")
    number = models.CharField(max_length=16)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    matches = models.JSONField(default=list)
    note = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "phone searches"
        indexes = [models.Index(fields=["asked_at"], name="phone_search_by_time")]

    def __str__(self):
        return f"{self.supplier}: {self.get_state_display()}"
