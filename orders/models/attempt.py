"""One attempt to buy one chunk of an order, under one reference of ours."""

from django.db import models
from django.db.models import F, Q

from catalog.money import MoneyField
from catalog.suppliers.types import Outcome

from .parking import ParkReason


class State(models.TextChoices):
    """What we know of an attempt. Only `orders.lifecycle` moves it."""

    QUEUED = "queued", "Queued"
    SENDING = "sending", "Sending"
    UNKNOWN = "unknown", "Unknown"
    PARKED = "parked", "Parked"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"
    PROVEN_ABSENT = "proven_absent", "Proven absent"
    WITHDRAWN = "withdrawn", "Withdrawn"


DEAD = (State.REJECTED, State.PROVEN_ABSENT, State.WITHDRAWN)
LIVE = tuple(state for state in State if state not in DEAD)
HOLDING = (State.QUEUED, State.SENDING, State.UNKNOWN)  # money is reserved while an attempt is in one of these
IN_DOUBT = ("sending", "unknown")  # of which it may not be known yet whether they bought; few at any time
CRASHES_BEFORE_QUARANTINE = 5  # of ours, at one attempt: then it is left to a person

# How far the supplier got. A lower rank never overwrites a higher one.
RANK = {
    Outcome.UNKNOWN: 0,
    Outcome.PENDING: 10,
    Outcome.PARTIAL: 20,
    Outcome.COMPLETED: 100,
    Outcome.FAILED: 100,
    Outcome.CANCELLED: 100,
}
ENDS = [outcome.value for outcome, rank in RANK.items() if rank == 100]


class AttemptQuerySet(models.QuerySet):
    def due(self, now):
        return self.filter(due_at__lte=now)


class Attempt(models.Model):
    """`ref` is the purchase identity: minted once, and a new one only after this attempt is dead.

    `sealed_body` holds the exact bytes to send, `body_digest` their SHA-256. `outcome` is the supplier's progress once
    accepted. `due_at` is when the next act on it is due; null for what is parked, dead or at its end there, and for a part
    that waits for its turn: see `orders.chunking`.
    `looked_at` is when a question about it last began, be it open or unknown; `queued_at` when it was last made ready
    to send, `released_at` when it last left the parked state, `parked_total` the higher price that stopped it,
    `parked_spendable` what the account could spend when it was parked for funds, and `refused_again_at` when a refusal
    for want of money was first repeated although the money was there. `missing_count` is how often in a row the supplier
    said that it does not know an order it had accepted. `named_order_id` is the supplier's order that a person says an
    unknown one became, until it was read. `closed_at` is since when it is clear that the rest of a partly delivered one does
    not come: its money came back, or a person said so.
    """

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="attempts")
    supplier = models.ForeignKey("catalog.Supplier", on_delete=models.PROTECT, related_name="+")
    chunk = models.PositiveIntegerField(default=0)
    n = models.PositiveIntegerField(default=1)
    ref = models.CharField(max_length=36)
    quantity = models.PositiveIntegerField()
    agreed_total = MoneyField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=13, choices=State.choices, default=State.QUEUED)
    outcome = models.CharField(max_length=9, choices=[(o.value, o.value) for o in Outcome], default=Outcome.UNKNOWN)
    sealed_body = models.TextField()
    body_digest = models.CharField(max_length=64)
    lease_epoch = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    send_count = models.PositiveIntegerField(default=0)
    first_sent_at = models.DateTimeField(null=True)
    last_sent_at = models.DateTimeField(null=True)
    fence_at = models.DateTimeField(null=True)
    unknown_since = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    supplier_order_id = models.CharField(max_length=100, null=True)  # noqa: DJ001 - unique where known
    word = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    total = MoneyField(null=True)
    due_at = models.DateTimeField(null=True)
    queued_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    parked_reason = models.CharField(max_length=8, choices=ParkReason.choices, blank=True)
    parked_at = models.DateTimeField(null=True)
    parked_total = MoneyField(null=True)
    parked_spendable = MoneyField(null=True)
    refused_again_at = models.DateTimeField(null=True)
    not_sent_count = models.PositiveIntegerField(default=0)
    poll_count = models.PositiveIntegerField(default=0)
    missing_count = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)
    absent_seen_at = models.DateTimeField(null=True)
    named_order_id = models.CharField(max_length=100, blank=True)
    looks_first = models.BooleanField(default=False)
    crash_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = AttemptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["supplier", "ref"], name="one_attempt_per_ref"),
            models.UniqueConstraint(fields=["supplier", "supplier_order_id"], name="one_attempt_per_supplier_order"),
            models.UniqueConstraint(fields=["order", "chunk", "n"], name="attempts_are_numbered"),
            models.UniqueConstraint(
                fields=["order", "chunk"], condition=~Q(state__in=DEAD), name="one_live_attempt_per_chunk"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="attempt_state_known"),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease_until__isnull=False), name="sending_has_a_lease"),
            models.CheckConstraint(
                condition=Q(send_count=0) | Q(first_sent_at__isnull=False), name="sent_attempts_say_when"),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(supplier_order_id__isnull=False), name="accepted_has_an_id"),
            models.CheckConstraint(
                condition=(Q(state="parked") & ~Q(parked_reason="") & Q(parked_at__isnull=False))
                | (~Q(state="parked") & Q(parked_reason="", parked_at=None, parked_total=None)),
                name="attempt_parked_for_a_reason"),
            models.CheckConstraint(
                condition=Q(due_at__isnull=False) | ~Q(state__in=["queued", "unknown", "accepted"])
                | Q(state="queued", chunk__gt=0) | Q(state="accepted", outcome__in=ENDS)
                | Q(state="accepted", closed_at__isnull=False), name="attempt_due_while_open"),
            models.CheckConstraint(
                condition=Q(first_sent_at=None) | Q(last_sent_at__gte=F("first_sent_at")), name="sends_in_order"),
        ]
        indexes = [
            models.Index(fields=["supplier", "currency", "parked_at"], condition=Q(state="parked"), name="attempt_parked"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="attempt_due"),
            models.Index(
                fields=["order"], condition=Q(state="queued", due_at=None), name="attempt_waits_its_turn"),
            models.Index(fields=["state", "supplier"], condition=Q(state__in=IN_DOUBT), name="attempt_in_doubt"),
            models.Index(
                fields=["supplier", "currency", "released_at"], condition=Q(released_at__isnull=False),
                name="attempt_released"),
            models.Index(fields=["supplier", "changed_at"], name="attempt_changed"),
            models.Index(fields=["ref"], name="attempt_by_ref"),
            models.Index(fields=["supplier_order_id"], name="attempt_by_supplier_id"),
        ]

    def __str__(self):
        return self.ref

    @property
    def asked_at(self):
        """When the supplier was last asked about it: by a look, or by the sending where nobody has looked yet."""
        return self.looked_at or self.last_sent_at
