import catalog.money
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0004_export"),
        ("orders", "0006_chunks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="attempt",
            name="looks_first",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="UnmatchedPurchase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("supplier_order_id", models.CharField(max_length=100)),
                ("ref", models.CharField(blank=True, max_length=100)),
                ("sku_ref", models.CharField(blank=True, max_length=100)),
                ("word", models.CharField(blank=True, max_length=60)),
                ("total", catalog.money.MoneyField(null=True)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("ordered_at", models.DateTimeField(null=True)),
                ("first_seen_at", models.DateTimeField()),
                ("state", models.CharField(choices=[("open", "Open"), ("adopting", "Being made an order"), ("adopted", "Made an order"), ("explained", "Explained")], default="open", max_length=9)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("decided_at", models.DateTimeField(null=True)),
                ("by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("order", models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="unmatched_purchase", to="orders.order")),
                ("supplier", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="unmatched_purchases", to="catalog.supplier")),
            ],
            options={
                "indexes": [models.Index(fields=["state", "-first_seen_at", "-id"], name="unmatched_by_state")],
                "constraints": [models.UniqueConstraint(fields=("supplier", "supplier_order_id"), name="one_row_per_unmatched_purchase"), models.CheckConstraint(condition=models.Q(models.Q(("order__isnull", False), ("state", "adopted")), models.Q(models.Q(("state", "adopted"), _negated=True), ("order", None)), _connector="OR"), name="adopted_purchase_has_its_order")],
            },
        ),
    ]
