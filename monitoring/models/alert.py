"""Something a person should know, raised once and resolved once."""

from django.db import models
from django.db.models import Q


class AlertQuerySet(models.QuerySet):
    def open(self):
        return self.filter(resolved_at=None)


class Alert(models.Model):
    """`key` names the cause as kind and id, for example `threshold:12`; at most one alert per key is unresolved.

    `mail_claimed_at` is a lease: whoever sets it sends the e-mail, and after a while another may. `mail_error` says why the
    last try failed.
    """

    class Severity(models.TextChoices):
        WARNING = "warning", "Warning"
        CRITICAL = "critical", "Critical"

    key = models.CharField(max_length=120)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    title = models.CharField(max_length=200)
    text = models.CharField(max_length=500, blank=True)
    url = models.CharField(max_length=200, blank=True)
    raised_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")
    mail_claimed_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    mail_error = models.CharField(max_length=200, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        permissions = [("acknowledge_alert", "Can acknowledge alerts")]
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=Q(resolved_at=None), name="one_open_alert_per_key")]
        indexes = [models.Index(fields=["-raised_at"], name="alert_latest")]

    @property
    def kind(self):
        return self.key.partition(":")[0]

    def __str__(self):
        return self.title
