import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

import catalog.money
from catalog import append_only

OPEN = (Q(due_at__isnull=False) | ~Q(state__in=["queued", "unknown", "accepted"]) | Q(state="queued", chunk__gt=0)
        | Q(state="accepted", outcome__in=["completed", "failed", "cancelled"]))


def make_due(apps, schema_editor):
    """Without `closed_at`, a part of an order is read for as long as the rest is open."""
    apps.get_model("orders", "Attempt").objects.filter(state="accepted", outcome="partial", due_at=None).update(
        due_at=F("changed_at"))


class Migration(migrations.Migration):

    dependencies = [
        ("funding", "0003_entry_gives_back"),
        ("orders", "0018_attempts_come_due"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Shortfall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("owed", catalog.money.MoneyField()),
                ("returned", catalog.money.MoneyField(default=0)),
                ("state", models.CharField(
                    choices=[("awaited", "Awaited"), ("returned", "Returned"), ("differs", "Another amount"),
                             ("settled", "Settled by a person")], default="awaited", max_length=8)),
                ("since", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("attempt", models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, related_name="shortfall", to="orders.attempt")),
                ("by", models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "indexes": [
                    models.Index(condition=Q(("due_at__isnull", False)), fields=["due_at"], name="shortfall_due"),
                    models.Index(condition=Q(("state", "awaited")), fields=["since"], name="shortfall_awaited"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=Q(("owed__gte", 0)), name="shortfall_not_negative"),
                    models.CheckConstraint(
                        condition=Q(("ended_at", None), ("state", "awaited"))
                        & (Q(due_at__isnull=False) | Q(told_at__isnull=False))
                        | Q(state__in=["returned", "differs", "settled"], ended_at__isnull=False, due_at=None),
                        name="shortfall_is_looked_for_until_it_ends"),
                    models.CheckConstraint(
                        condition=~Q(state="settled") | ~Q(note=""), name="shortfall_settled_with_a_note"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_named", models.BooleanField()),
                ("bound_at", models.DateTimeField()),
                ("entry", models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, related_name="refund", to="funding.entry")),
                ("shortfall", models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="orders.shortfall")),
            ],
        ),
        append_only.refuse("orders_refund"),
        migrations.RemoveConstraint(model_name="attempt", name="attempt_due_while_open"),
        migrations.RunPython(migrations.RunPython.noop, make_due),
        migrations.AddField(model_name="attempt", name="closed_at", field=models.DateTimeField(null=True)),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=OPEN | Q(state="accepted", closed_at__isnull=False), name="attempt_due_while_open"),
        ),
    ]
