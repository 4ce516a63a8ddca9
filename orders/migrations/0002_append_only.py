from django.db import migrations

from catalog import append_only


class Migration(migrations.Migration):
    """The timeline, what suppliers said, and delivered units are history: the database refuses to rewrite or lose them."""

    dependencies = [("orders", "0001_initial")]

    operations = [
        append_only.refuse("orders_event"),
        append_only.refuse("orders_observation"),
        append_only.refuse("orders_unit"),
    ]
