from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("orders", "0012_priority"),
    ]

    operations = [
        migrations.AlterField(
            model_name="observation",
            name="source",
            field=models.CharField(choices=[("place", "Answer to the order"), ("fetch", "Order read"), ("find", "Search by reference"), ("replay", "Same request sent again"), ("person", "Found by a person")], max_length=8),
        ),
    ]
