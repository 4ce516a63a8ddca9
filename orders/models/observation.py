"""What a supplier said about an attempt, each time it said it. Append-only."""

from django.db import models

from catalog.money import MoneyField


class Observation(models.Model):
    """`applied` is false for what was seen but moved nothing: lower rank, a twin, or a contradiction."""

    class Source(models.TextChoices):
        PLACE = "place", "Answer to the order"
        FETCH = "fetch", "Order read"
        FIND = "find", "Search by reference"
        REPLAY = "replay", "Same request sent again"
        PERSON = "person", "Found by a person"

    attempt = models.ForeignKey("orders.Attempt", on_delete=models.PROTECT, related_name="observations")
    at = models.DateTimeField()
    source = models.CharField(max_length=8, choices=Source.choices)
    outcome = models.CharField(max_length=13)
    rank = models.PositiveIntegerField()
    word = models.CharField(max_length=60, blank=True)
    supplier_order_id = models.CharField(max_length=100, blank=True)
    total = MoneyField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    units = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)
    applied = models.BooleanField()
    conflict = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["attempt", "at"], name="observation_by_attempt")]
