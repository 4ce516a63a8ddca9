"""The token that a supplier lent us, shared by every process."""

from django.db import models


class SupplierToken(models.Model):
    """`sealed` holds the token (see catalog.vault), `got_with` a digest of the connection it was got with.

    `lease` is the id of the one exchange that may run, until `lease_until`.
    """

    supplier = models.OneToOneField("catalog.Supplier", primary_key=True, on_delete=models.CASCADE, related_name="+")
    sealed = models.TextField(blank=True)
    got_with = models.CharField(max_length=64, blank=True)
    renewed_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    def __str__(self):
        return f"{self.supplier}: token"
