"""How far the mirror of a supplier's money has come, and how its last refresh went."""

from django.db import models
from django.db.models import F, Q

from catalog.models import Supplier


class BooksQuerySet(models.QuerySet):
    def awaited(self, *, since):
        """Books whose refresh a person asked for, after `since`, and which has not ended yet."""
        return self.filter(Q(tried_at=None) | Q(tried_at__lt=F("asked_at")), asked_at__gt=since)

    def failing(self):
        return self.filter(supplier__is_active=True).exclude(failure="", balances_failure="")


class Books(models.Model):
    """`complete_to` is the newest row of the last finished walk: everything at or before it is mirrored, except, while
    `backfill_cursor` is set, the old history below that place.

    `asked_at` is when a person last asked for a refresh, `tried_at` when the last one began that has ended; `read_at` is
    when the books were last read to the end. `failure` and `balances_failure` say why the last reading of the books, and
    of the balances, did not work; '' when it did.
    """

    supplier = models.OneToOneField(Supplier, on_delete=models.CASCADE, related_name="books")
    complete_to = models.DateTimeField(null=True)
    backfill_cursor = models.CharField(max_length=1000, blank=True)
    asked_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True)
    balances_failure = models.CharField(max_length=300, blank=True)

    objects = BooksQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "books"

    def __str__(self):
        return f"Books of {self.supplier.name}"
