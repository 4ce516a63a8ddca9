"""What suppliers told by themselves: the inbox of their webhooks, and how many were refused."""

from django.db import models
from django.db.models import Q

from catalog.suppliers.notices import NoticeKind


class Result(models.TextChoices):
    """What came of a notice."""

    WAITING = "waiting", "Waiting"
    READ = "read", "Order read"
    REFRESHED = "refreshed", "Balances read"
    STRANGER = "stranger", "No such order here"
    KEPT = "kept", "Kept"
    STUCK = "stuck", "Not confirmed"


class Notice(models.Model):
    """One notice, stored before anything follows from it; its copies are counted. Nothing in it is taken for true.

    `sealed_body` holds what came; `event` and `word` are the supplier's. While it waits, `due_at` says when it is looked
    at next. `order` is the order it turned out to be about. A replay counts as if it had come then.
    """

    supplier = models.ForeignKey("catalog.Supplier", on_delete=models.PROTECT, related_name="notices")
    event_key = models.CharField(max_length=100)
    body_digest = models.CharField(max_length=64)
    sealed_body = models.TextField()
    kind = models.CharField(max_length=5, choices=[(kind.value, kind.value) for kind in NoticeKind])
    event = models.CharField(max_length=60)
    supplier_order_id = models.CharField(max_length=100, blank=True)
    ref = models.CharField(max_length=100, blank=True)
    word = models.CharField(max_length=60, blank=True)
    received_at = models.DateTimeField()
    last_received_at = models.DateTimeField()
    copies = models.PositiveIntegerField(default=1)
    result = models.CharField(max_length=9, choices=Result.choices, default=Result.WAITING)
    due_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    handled_at = models.DateTimeField(null=True)
    order = models.ForeignKey("orders.Order", null=True, on_delete=models.PROTECT, related_name="notices")
    replayed_at = models.DateTimeField(null=True)
    replayed_by = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        permissions = [("replay_notice", "Can replay webhooks")]
        constraints = [
            models.UniqueConstraint(fields=["supplier", "event_key", "body_digest"], name="one_notice_per_event_and_body"),
            models.CheckConstraint(condition=Q(result__in=Result.values), name="notice_result_known"),
            models.CheckConstraint(
                condition=Q(result="waiting", due_at__isnull=False, handled_at=None)
                | (~Q(result="waiting") & Q(due_at=None, handled_at__isnull=False)),
                name="notice_is_due_until_handled"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="notice_due"),
            models.Index(
                fields=["result", "handled_at"], condition=Q(result__in=["stranger", "stuck"]), name="notice_for_a_person"),
            models.Index(fields=["-received_at", "-id"], name="notice_latest"),
            models.Index(fields=["supplier", "-received_at", "-id"], name="notice_by_supplier"),
        ]

    def __str__(self):
        return f"{self.event} {self.event_key}"

    @property
    def asked_at(self):
        """From when on an answer of the supplier settles it."""
        return self.replayed_at or self.received_at


class NoticeRefusal(models.Model):
    """How many notices were refused for one reason in the ten minutes from `since` on. Nothing of them is kept."""

    class Reason(models.TextChoices):
        SIGNATURE = "signature", "Wrong signature"
        TIME = "time", "Signed for another time"
        UNREADABLE = "unreadable", "Not readable"
        SIZE = "size", "Too large"
        VARIANTS = "variants", "Same event, other text, too often"

    supplier = models.ForeignKey("catalog.Supplier", on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    since = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["supplier", "reason", "since"], name="one_row_per_refusals")]
        indexes = [models.Index(fields=["since"], name="refusal_since")]

    def __str__(self):
        return f"{self.count} {self.reason}"
