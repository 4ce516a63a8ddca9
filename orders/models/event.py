"""What happened to an order, and who or what did it. Append-only: this is the order's timeline and its audit trail."""

from django.db import models


class Event(models.Model):
    """`by` is the person; null: Purser itself. `text` never holds a code."""

    class Kind(models.TextChoices):
        PLACED = "placed", "Placed"
        MOVED = "moved", "Status"
        SENT = "sent", "Sent"
        OBSERVED = "observed", "Supplier said"
        DELIVERED = "delivered", "Delivered"
        REVEALED = "revealed", "Code revealed"
        CAPPED = "capped", "Reveal refused"
        REVIEW = "review", "Needs review"
        NOTE = "note", "Note"
        APPROVED = "approved", "Approved"

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.CharField(max_length=500)
    by = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["order", "at", "id"], name="event_by_order"),
            models.Index(fields=["at"], condition=models.Q(kind="capped"), name="event_capped"),
        ]
