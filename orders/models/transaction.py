"""Transactions on players' wallets that staff ask a supplier about, and everything that came of asking.

Numbers of players, sites, providers and result codes are unsigned 64-bit: wider than any number column, so they are kept as
their digits.
"""

import uuid

from django.db import models
from django.db.models import Q

from catalog.money import MoneyField
from catalog.suppliers.transactions import Action

NUMBER_LENGTH = 20


class TransactionStatus(models.TextChoices):
    """How it ended, as far as anybody has told us. What is not known is never called failed."""

    WAITING = "waiting", "Not asked yet"
    UNKNOWN = "unknown", "Unknown"
    PENDING = "pending", "Pending"
    FAILED = "failed", "Failed"
    CONFIRMED = "confirmed", "Confirmed"


# What is known better stands further back: a later answer that knows less changes nothing.
KNOWN_BETTER = (TransactionStatus.WAITING, TransactionStatus.UNKNOWN, TransactionStatus.PENDING, TransactionStatus.FAILED,
                TransactionStatus.CONFIRMED)
OPEN = (TransactionStatus.WAITING, TransactionStatus.UNKNOWN, TransactionStatus.PENDING)
GIVEN_UP = Q(status__in=OPEN, due_at=None)  # not known, and not asked about any more: a person has to find out
ANSWERS = tuple((word.value, word.label) for word in KNOWN_BETTER[1:])


class Transaction(models.Model):
    """One debit, credit or rollback as it was told when it happened; `digest` is of all that but the token.

    `sealed_token` is the player's session, a secret. `amount` keeps its digits. The answer columns hold the answer that gave
    the status. `wanted_at` is since when an answer is wanted and `ask_count` how often we asked since; `due_at` null: nobody
    asks any more, because it is known or because we gave up. `asked_by` wants the next answer; null: Purser does.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    supplier = models.ForeignKey("catalog.Supplier", on_delete=models.PROTECT, related_name="transactions")
    digest = models.CharField(max_length=64, editable=False)
    sealed_token = models.TextField(editable=False)
    player_id = models.CharField(max_length=NUMBER_LENGTH)
    site_id = models.CharField(max_length=NUMBER_LENGTH)
    provider_id = models.CharField(max_length=NUMBER_LENGTH, blank=True)
    game_id = models.CharField(max_length=100)
    currency = models.CharField(max_length=10)
    amount = models.CharField(max_length=22)
    round_id = models.CharField(max_length=36)
    transaction_id = models.CharField(max_length=36)
    action = models.CharField(max_length=8, choices=[(word.value, word.value) for word in Action])
    status = models.CharField(max_length=9, choices=TransactionStatus.choices, default=TransactionStatus.WAITING)
    code = models.CharField(max_length=NUMBER_LENGTH, blank=True)
    message = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=100, blank=True)
    balance = MoneyField(null=True)
    http_version = models.CharField(max_length=10, blank=True)
    detail = models.CharField(max_length=400, blank=True)
    answered_at = models.DateTimeField(null=True)
    wanted_at = models.DateTimeField()
    ask_count = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    entered_by = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        permissions = [("check_transaction", "Can ask suppliers about transactions")]
        constraints = [
            models.UniqueConstraint(fields=["supplier", "digest"], name="one_row_per_transaction"),
            models.CheckConstraint(condition=Q(status__in=TransactionStatus.values), name="transaction_status_known"),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | Q(due_at=None), name="confirmed_transaction_is_not_asked_about"),
            models.CheckConstraint(condition=Q(action__in=list(Action)), name="transaction_action_known"),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="transaction_latest"),
            models.Index(fields=["status", "-created_at", "-id"], name="transaction_by_status"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="transaction_due"),
            models.Index(fields=["transaction_id"], name="transaction_by_its_id", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["round_id"], name="transaction_by_round", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["player_id", "-created_at", "-id"], name="transaction_by_player"),
        ]

    def __str__(self):
        return f"{self.action} {self.transaction_id}"

    @property
    def is_open(self):
        return self.status in OPEN

    @property
    def is_given_up(self):
        return self.is_open and self.due_at is None


class TransactionCheck(models.Model):
    """One time we asked, and what came of it. Append-only; `by` null: Purser asked by itself."""

    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="checks")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=9, choices=ANSWERS)
    code = models.CharField(max_length=NUMBER_LENGTH, blank=True)
    message = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=100, blank=True)
    balance = MoneyField(null=True)
    http_version = models.CharField(max_length=10, blank=True)
    detail = models.CharField(max_length=400, blank=True)
    by = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["transaction", "-at", "-id"], name="check_by_transaction")]


class TransactionEvent(models.Model):
    """What staff or Purser did with a transaction. Append-only; `by` null: Purser or a command. Never holds a token."""

    class Kind(models.TextChoices):
        ENTERED = "entered", "Entered"
        ASKED = "asked", "Asked again"
        MOVED = "moved", "Status"
        STOPPED = "stopped", "Gave up"

    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=7, choices=Kind.choices)
    text = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["transaction", "-at", "-id"], name="transaction_event_latest")]
