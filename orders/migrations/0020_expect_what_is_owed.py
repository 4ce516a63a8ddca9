from decimal import Decimal

from django.db import migrations


def expect_what_is_owed(apps, schema_editor):
    """What ended short before this is looked for as well."""
    attempts = apps.get_model("orders", "Attempt").objects.filter(
        state="accepted", outcome__in=["partial", "failed", "cancelled"], order__is_test=False)
    for attempt in attempts.defer("sealed_body").iterator(chunk_size=500):
        missing = max(attempt.quantity - attempt.units.filter(has_code=True).count(), 0)
        charged = attempt.agreed_total if attempt.total is None else attempt.total
        owed = (charged * missing / attempt.quantity).quantize(Decimal("0.0001"))
        if owed:
            apps.get_model("orders", "Shortfall").objects.create(
                attempt=attempt, owed=owed, since=attempt.changed_at, due_at=attempt.changed_at)


class Migration(migrations.Migration):

    dependencies = [
        ("orders", "0019_shortfalls"),
    ]

    operations = [
        migrations.RunPython(expect_what_is_owed, migrations.RunPython.noop),
    ]
