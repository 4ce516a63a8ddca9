"""An account of ours at a supplier, per currency; its readings; its thresholds."""

from django.db import models
from django.db.models import Q

from catalog.exact import ExactJSONField
from catalog.money import MoneyField


class Account(models.Model):
    """`available` is what the supplier would let us spend at `read_at`, overdraft included; null: never read.

    What may still be spent is less: see `funding.reserving.spendable`. `first_break` is the oldest transaction that
    does not follow from the one before it: see `funding.chain`.
    """

    class State(models.TextChoices):
        OK = "ok", "OK"
        LOW = "low", "Low"
        OVERDRAWN = "overdrawn", "Overdrawn"
        EXHAUSTED = "exhausted", "Exhausted"
        UNKNOWN = "unknown", "Unknown"

    supplier = models.ForeignKey("catalog.Supplier", on_delete=models.PROTECT, related_name="accounts")
    currency = models.CharField(max_length=3)
    balance = MoneyField(null=True)
    supplier_reserved = MoneyField(default=0)
    overdraft_limit = MoneyField(default=0)
    allow_overdraft = models.BooleanField(default=False)
    available = MoneyField(null=True)
    is_overdrafted = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True)
    supplier_updated_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UNKNOWN)
    warning = models.CharField(max_length=300, blank=True)
    first_break = models.ForeignKey(
        "funding.Entry", null=True, editable=False, on_delete=models.PROTECT, related_name="+")

    class Meta:
        permissions = [("refresh_funding", "Can refresh balances and books")]
        constraints = [
            models.UniqueConstraint(fields=["supplier", "currency"], name="one_account_per_currency"),
            models.CheckConstraint(
                condition=Q(read_at=None, balance=None, available=None)
                | Q(read_at__isnull=False, balance__isnull=False, available__isnull=False),
                name="account_read_whole_or_not_at_all"),
            models.CheckConstraint(
                condition=Q(state__in=["ok", "low", "overdrawn", "exhausted", "unknown"]), name="account_state_known"),
        ]

    def __str__(self):
        return f"{self.supplier.name} {self.currency}"


class Reading(models.Model):
    """What a supplier said about an account at one time. Append-only."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="readings")
    fetch_started_at = models.DateTimeField()
    balance = MoneyField()
    supplier_reserved = MoneyField(default=0)
    overdraft_limit = MoneyField(default=0)
    available = MoneyField()
    raw = ExactJSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["account", "-fetch_started_at"], name="reading_latest")]

    def __str__(self):
        return f"Reading {self.pk}"


class Threshold(models.Model):
    """Raises when available falls to `trigger_amount` or below, clears when it reaches `clear_amount`.

    The gap between the two is the hysteresis. `crossed_at` is set while it is raised.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="thresholds")
    trigger_amount = MoneyField()
    clear_amount = MoneyField()
    note = models.CharField(max_length=200, blank=True)
    crossed_at = models.DateTimeField(null=True, blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(clear_amount__gt=models.F("trigger_amount")), name="threshold_clears_above_trigger",
                violation_error_message="The clear amount must be more than the trigger amount."),
            models.UniqueConstraint(
                fields=["account", "trigger_amount"], name="one_threshold_per_amount",
                violation_error_message="This account already has a threshold at this amount."),
        ]

    def __str__(self):
        return f"{self.account} at {self.trigger_amount}"
