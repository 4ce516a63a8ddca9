"""The index of product search on PostgreSQL; SQLite reads the column."""

from django.db import migrations

ADD = """CREATE INDEX product_by_words ON catalog_product
USING gin (array_to_tsvector(string_to_array(search_text, ' ')))"""
REMOVE = "DROP INDEX IF EXISTS product_by_words"


def _run(sql):
    def act(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)
    return act


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]
    operations = [migrations.RunPython(_run(ADD), _run(REMOVE))]
