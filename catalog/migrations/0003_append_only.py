from django.db import migrations

from catalog import append_only


class Migration(migrations.Migration):
    """What was asked of suppliers, and what staff did to connections, is history."""

    dependencies = [("catalog", "0002_search_index")]

    operations = [append_only.refuse("catalog_call"), append_only.refuse("catalog_supplierevent")]
