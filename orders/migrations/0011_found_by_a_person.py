from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("orders", "0010_receipt_addresses_and_phone_searches"),
    ]

    operations = [
        migrations.AlterField(
            model_name="observation",
            name="source",
            field=models.CharField(choices=[("place", "Answer to the order"), ("fetch", "Order read"), ("find", "Search by reference"), ("replay", "Same request sent again"), ("person", "Found by a person")], max_length=8),
        ),
    ]
