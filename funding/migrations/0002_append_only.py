from django.db import migrations

from catalog import append_only


class Migration(migrations.Migration):
    """Readings, book entries and reservations are history: the database refuses to forget or to rewrite them."""

    dependencies = [("funding", "0001_initial")]

    operations = [
        append_only.refuse("funding_reading"),
        append_only.refuse("funding_entry", once="OLD.status = 'posted'", updates=[
            "supplier_id", "account_id", "kind", "supplier_key", "amount", "currency", "balance_after",
            "order_id", "method", "external_ref", "occurred_at", "first_seen_at", "raw",
        ]),
        append_only.refuse(
            "funding_reservation", updates=["account_id", "attempt_ref"], once="OLD.state = 'settled'"),
    ]
