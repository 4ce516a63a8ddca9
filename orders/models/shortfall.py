"""What a supplier owes for purchases that were paid for and not delivered, and what its books show of it."""

from django.db import models
from django.db.models import Q

from catalog.money import MoneyField


class ShortfallQuerySet(models.QuerySet):
    def late(self):
        """What is still awaited although a person was told."""
        return self.filter(state="awaited", told_at__isnull=False)


class Shortfall(models.Model):
    """What the supplier should give back for one attempt, and what its books show that it gave back.

    AWAITED: less than `owed` has come so far; it is looked for at `due_at` (null: nothing shows it, a person has to).
    `told_at` is when a person was told. RETURNED: just that has come. DIFFERS: more has come; `owed` is 0 where everything
    was delivered. SETTLED: `by` ended the wait, with a `note`.
    """

    class State(models.TextChoices):
        AWAITED = "awaited", "Awaited"
        RETURNED = "returned", "Returned"
        DIFFERS = "differs", "Another amount"
        SETTLED = "settled", "Settled by a person"

    attempt = models.OneToOneField("orders.Attempt", on_delete=models.PROTECT, related_name="shortfall")
    owed = MoneyField()
    returned = MoneyField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.AWAITED)
    since = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")

    objects = ShortfallQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(owed__gte=0), name="shortfall_not_negative"),
            models.CheckConstraint(
                condition=(Q(state="awaited", ended_at=None) & (Q(due_at__isnull=False) | Q(told_at__isnull=False)))
                | Q(state__in=["returned", "differs", "settled"], ended_at__isnull=False, due_at=None),
                name="shortfall_is_looked_for_until_it_ends"),
            models.CheckConstraint(
                condition=~Q(state="settled") | ~Q(note=""), name="shortfall_settled_with_a_note"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="shortfall_due"),
            models.Index(fields=["since"], condition=Q(state="awaited"), name="shortfall_awaited"),
        ]

    @property
    def is_late(self):
        return self.state == self.State.AWAITED and self.told_at is not None

    def __str__(self):
        return f"{self.attempt}: {self.get_state_display()}"


class Refund(models.Model):
    """A row of the supplier's books that gave money back for an attempt. Append-only: a row counts once, for one attempt.

    `is_named`: the row itself names the order; else it was the one that fitted, by amount and time.
    """

    shortfall = models.ForeignKey(Shortfall, on_delete=models.PROTECT, related_name="refunds")
    entry = models.OneToOneField("funding.Entry", on_delete=models.PROTECT, related_name="refund")
    is_named = models.BooleanField()
    bound_at = models.DateTimeField()

    def __str__(self):
        return f"{self.entry} for {self.shortfall}"
