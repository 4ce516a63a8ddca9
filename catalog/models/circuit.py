"""The circuit of a supplier: one row, shared by every process, visible to staff."""

from django.db import models


class CircuitState(models.Model):
    """`window` holds the last results, newest last, true for answered. Business refusals count as answered.

    Only `catalog.circuits` writes here; `version` rises with every write, so a change made on an old view is refused.
    """

    class State(models.TextChoices):
        CLOSED = "closed", "Closed"
        OPEN = "open", "Open"
        HALF_OPEN = "half_open", "Half open"

    supplier = models.OneToOneField("catalog.Supplier", on_delete=models.CASCADE, related_name="circuit")
    state = models.CharField(max_length=10, choices=State.choices, default=State.CLOSED)
    window = models.JSONField(default=list)
    opened_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    half_open_reads = models.IntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=0)

    def __str__(self):
        return f"{self.supplier}: {self.get_state_display()}"
