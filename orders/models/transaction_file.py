"""Files of many transactions, row by row: what each line became, or why it was refused."""

import uuid

from django.db import models
from django.db.models import Q


class TransactionFile(models.Model):
    """One uploaded file. The file itself is not kept: it is full of sessions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    supplier = models.ForeignKey("catalog.Supplier", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    by = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-created_at", "-id"], name="transaction_file_latest")]

    def __str__(self):
        return self.name


class TransactionFileRow(models.Model):
    """One line of a file: a transaction, or the problem for which it was refused."""

    file = models.ForeignKey(TransactionFile, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    transaction = models.ForeignKey("orders.Transaction", null=True, on_delete=models.PROTECT, related_name="file_rows")
    problem = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "line"], name="lines_of_a_file_are_numbered"),
            models.CheckConstraint(
                condition=Q(transaction__isnull=False, problem="") | Q(transaction=None) & ~Q(problem=""),
                name="line_is_taken_or_refused"),
        ]
