"""How far the mirror of a supplier's books has come."""

from django.db import models


class Books(models.Model):
    """`complete_to` is the newest row of the last finished walk: everything at or before it is mirrored, except, while
    `backfill_cursor` is set, the old history below that place. `failure` says why the last walk did not finish.
    """

    supplier = models.OneToOneField("catalog.Supplier", on_delete=models.CASCADE, related_name="books")
    complete_to = models.DateTimeField(null=True)
    backfill_cursor = models.CharField(max_length=1000, blank=True)
    tried_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "books"

    def __str__(self):
        return f"Books of {self.supplier.name}"
