import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0006_former_secret"),
        ("orders", "0013_found_by_a_person"),
    ]

    operations = [
        migrations.CreateModel(
            name="OrderComparison",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("read", models.PositiveIntegerField(default=0)),
                ("found", models.PositiveIntegerField(default=0)),
                ("unmatched", models.PositiveIntegerField(default=0)),
                ("supplier", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="order_comparison", to="catalog.supplier")),
            ],
        ),
    ]
