"""The call log: every try of every request to a supplier. Append-only."""

from django.db import models


class Call(models.Model):
    """One try. Bodies are kept only where money may depend on them, sealed; header values never."""

    supplier = models.ForeignKey("catalog.Supplier", on_delete=models.PROTECT, related_name="calls")
    operation = models.CharField(max_length=60)
    method = models.CharField(max_length=8)
    route = models.CharField(max_length=200)
    ref = models.CharField(max_length=64, blank=True)
    is_read = models.BooleanField()
    started_at = models.DateTimeField()
    duration_ms = models.IntegerField()
    status = models.IntegerField(null=True)
    outcome = models.CharField(max_length=30)
    detail = models.CharField(max_length=300, blank=True)
    http_version = models.CharField(max_length=10, blank=True)
    skew_s = models.FloatField(null=True)
    request_size = models.IntegerField(default=0)
    request_digest = models.CharField(max_length=64, blank=True)
    response_size = models.IntegerField(default=0)
    sealed_request = models.TextField(blank=True)
    sealed_response = models.TextField(blank=True)
    key = models.UUIDField(unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["supplier", "-started_at"], name="call_latest"),
            models.Index(fields=["ref", "started_at"], name="call_by_ref"),
        ]

    @property
    def outcome_words(self):
        """The outcome as staff read it."""
        return self.outcome.replace("_", " ")

    @property
    def why(self):
        """Why no answer came; '' for one that came, whose status says it all."""
        return "" if self.status else self.detail

    @property
    def is_trouble(self):
        return not self.status or self.status >= 400
