"""What a health probe of a supplier found."""

from django.db import models


class ProbeResult(models.Model):
    supplier = models.ForeignKey("catalog.Supplier", on_delete=models.CASCADE, related_name="probe_results")
    at = models.DateTimeField()
    healthy = models.BooleanField()
    latency_ms = models.IntegerField(null=True)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["supplier", "-at"], name="probe_latest")]
