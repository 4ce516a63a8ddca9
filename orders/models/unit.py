"""One delivered unit: a code, sealed."""

from django.db import models


class UnitQuerySet(models.QuerySet):
    def of(self, order):
        """The units of an order, as a buyer counts them: part by part."""
        return self.filter(attempt__order=order).order_by("attempt__chunk", "attempt__n", "ordinal")


class Unit(models.Model):
    """`sealed` holds the delivered fields as sealed JSON; `fingerprint` is a keyed HMAC, so a re-read adds nothing twice.

    `hint` is the last four characters of a code of twelve or more, else empty; without `has_code` the supplier only
    confirmed. Never changed, never deleted.
    """

    attempt = models.ForeignKey("orders.Attempt", on_delete=models.PROTECT, related_name="units")
    ordinal = models.PositiveIntegerField()
    fingerprint = models.CharField(max_length=64)
    sealed = models.TextField()
    has_code = models.BooleanField(default=True)
    hint = models.CharField(max_length=4, blank=True)
    expires_on = models.DateField(null=True)
    created_at = models.DateTimeField()

    objects = UnitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt", "fingerprint"], name="one_unit_per_fingerprint"),
            models.UniqueConstraint(fields=["attempt", "ordinal"], name="units_are_numbered"),
        ]
        indexes = [models.Index(fields=["fingerprint"], name="unit_by_fingerprint")]
