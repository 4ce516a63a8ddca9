from django.db import migrations

from catalog import append_only

# All that the game aggregator publishes of its result codes.
PUBLISHED = (
    ("1", "Success", "The supplier confirms the transaction.", "confirmed"),
    ("2", "Unknown error", "The supplier itself does not know. Purser asks again; pay nothing back on it.", "unknown"),
)


def fill(apps, schema_editor):
    codes = apps.get_model("orders", "ResultCode")
    for code, word, meaning, outcome in PUBLISHED:
        codes.objects.get_or_create(
            api="game_wallet", code=code, defaults={"word": word, "meaning": meaning, "outcome": outcome})


class Migration(migrations.Migration):
    """What came of asking is history; and the table of result codes begins with the published ones."""

    dependencies = [("orders", "0004_transactions")]

    operations = [
        append_only.refuse("orders_transactioncheck"),
        append_only.refuse("orders_transactionevent"),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
