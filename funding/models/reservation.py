"""Money set aside for one attempt, from before it is sent until its outcome is known."""

from django.db import models
from django.db.models import Q

from catalog.money import MoneyField


class Reservation(models.Model):
    """`attempt_ref` is the attempt's reference: funding knows orders by text only."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        SETTLED = "settled", "Settled"
        RELEASED = "released", "Released"

    account = models.ForeignKey("funding.Account", on_delete=models.PROTECT, related_name="reservations")
    attempt_ref = models.CharField(max_length=64, unique=True)
    amount = MoneyField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="reservation_not_negative"),
            models.CheckConstraint(
                condition=Q(state="open", settled_at=None, released_at=None)
                | Q(state="settled", settled_at__isnull=False, released_at=None)
                | Q(state="released", settled_at=None, released_at__isnull=False),
                name="reservation_ends_once"),
        ]
        indexes = [models.Index(fields=["account", "state", "settled_at"], name="reservation_by_state")]

    def __str__(self):
        return self.attempt_ref
