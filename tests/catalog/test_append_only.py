"""The call log and the acts of staff cannot be rewritten, not even by a mistake of ours."""

import pytest
from django.db import DatabaseError, transaction

from catalog.models import Call, Export, SupplierEvent

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["call", "event", "export"])
def row(request, supplier, staff, now):
    if request.param == "export":
        return Export.objects.create(by=staff("auditor"), at=now, what="orders", rows=1)
    if request.param == "event":
        return SupplierEvent.objects.create(supplier=supplier, at=now, kind="paused", text="wrong prices")
    return Call.objects.create(
        supplier=supplier, operation="x", method="GET", route="/x", is_read=True, started_at=now, duration_ms=1,
        outcome="answered", key="7b0c6d4e-3f6f-4d5e-9f55-0d2e4b6f1a11")


def test_history_is_not_rewritten(row):
    with pytest.raises(DatabaseError), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(id=row.pk)


def test_history_is_not_forgotten(row):
    with pytest.raises(DatabaseError), transaction.atomic():
        type(row).objects.filter(pk=row.pk).delete()
