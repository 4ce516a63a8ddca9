"""To which address a supplier sends its own receipt about one order."""

from django.db import models


class ReceiptAddress(models.Model):
    """The latest address that staff asked for. `version` counts their wishes, so that an answer is about one of them.

    WAITING is due at `due_at`; who tells the supplier holds `lease_until`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        KEPT = "kept", "Kept"
        REFUSED = "refused", "Refused"

    order = models.OneToOneField("orders.Order", primary_key=True, on_delete=models.PROTECT, related_name="receipt_address")
    email = models.EmailField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    detail = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    tries = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(
            condition=models.Q(state="waiting", due_at__isnull=False) | (~models.Q(state="waiting") & models.Q(due_at=None)),
            name="receipt_is_due_while_it_waits")]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="receipt_due")]

    def __str__(self):
        return f"{self.order}: {self.get_state_display()}"
