"""A connection to one supplier: where it is, how it is called, and whether we buy there."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q


class Supplier(models.Model):
    """One account at one supplier's API. Two environments are two suppliers.

    `credentials` is sealed text (see catalog.vault) and never leaves the gateway; `settings` holds what the adapter names
    as adjustable. A paused supplier is still read and tracked, but nothing new is sent there. `former_secret` is the sealed
    secret that notices were signed with before it was replaced; they may still be until `former_secret_until`.
    """

    class Environment(models.TextChoices):
        SANDBOX = "sandbox", "Sandbox"
        PRODUCTION = "production", "Production"

    name = models.CharField(
        max_length=40, unique=True, help_text="Short name used in addresses and commands, for example plexy-main.",
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9_-]*$", "Use lower-case letters, digits, - and _ only.")],
    )
    api = models.CharField(max_length=30, help_text="Which API this connection speaks.")
    base_url = models.URLField(max_length=300, help_text="Address given by the supplier, without a trailing slash.")
    environment = models.CharField(max_length=12, choices=Environment.choices, default=Environment.SANDBOX)
    credentials = models.TextField(blank=True, editable=False)
    former_secret = models.TextField(blank=True, editable=False)
    former_secret_until = models.DateTimeField(null=True, editable=False)
    settings = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True, help_text="Off: only what was ordered there before is still read.")
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    paused_reason = models.CharField(max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        permissions = [("pause_supplier", "Can pause and resume buying at a supplier")]
        constraints = [
            models.CheckConstraint(
                condition=(Q(former_secret="") & Q(former_secret_until=None))
                | (~Q(former_secret="") & Q(former_secret_until__isnull=False)),
                name="former_secret_has_an_end"),
        ]

    def __str__(self):
        return self.name

    @property
    def is_paused(self):
        return self.paused_at is not None


class SupplierEvent(models.Model):
    """What staff did with a connection. Append-only; `by` null: a command on the server. Never holds a credential."""

    class Kind(models.TextChoices):
        CREATED = "created", "Connected"
        CHANGED = "changed", "Changed"
        PAUSED = "paused", "Paused"
        RESUMED = "resumed", "Resumed"

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    text = models.CharField(max_length=400, blank=True)
    by = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["supplier", "-at"], name="supplier_event_latest")]

    def __str__(self):
        return f"{self.supplier}: {self.get_kind_display()}"


class ConnectionTest(models.Model):
    """One test of a connection: asked for on a page, carried out by a task, read by the page again.

    `steps` says what each thing that can be wrong came to; see `catalog.findings`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        CONNECTED = "connected", "Connected"
        FAILED = "failed", "Failed"

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="tests")
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    detail = models.CharField(max_length=400, blank=True)
    steps = models.JSONField(default=list)
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    by = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["supplier", "-requested_at"], name="connection_test_latest")]

    def __str__(self):
        return f"{self.supplier}: {self.get_state_display()}"
