"""Who took which list out of Purser. Append-only."""

from django.db import models


class Export(models.Model):
    """One CSV file: the list it was made of, the filter as the address said it, and how many rows it was to hold."""

    by = models.ForeignKey("auth.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    what = models.CharField(max_length=20)
    filter = models.CharField(max_length=500, blank=True)
    rows = models.PositiveIntegerField()
    is_cut = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["at"], name="export_by_time")]

    def __str__(self):
        return f"{self.what} {self.at:%Y-%m-%d %H:%M}"
