import catalog.money
from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def copy_from_orders(apps, schema_editor):
    """What an order said of its one attempt stands on the attempt from now on."""
    order = apps.get_model("orders", "Order").objects.filter(pk=OuterRef("order"))
    attempts = apps.get_model("orders", "Attempt").objects.order_by()
    attempts.update(reason=Subquery(order.values("reason")[:1]))
    attempts.filter(state="parked").update(
        parked_reason=Subquery(order.values("parked_reason")[:1]), parked_at=Subquery(order.values("parked_at")[:1]),
        parked_total=Subquery(order.values("parked_total")[:1]))


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0003_append_only'),
        ('orders', '0005_result_codes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='order',
            name='order_finished_when_final',
        ),
        migrations.AddField(
            model_name='attempt',
            name='parked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='attempt',
            name='parked_reason',
            field=models.CharField(blank=True, choices=[('funds', 'Not enough funds'), ('price', 'Price went up'), ('config', 'Supplier refuses our key'), ('stock', 'Out of stock'), ('age', 'Waited too long'), ('approval', 'Needs approval')], max_length=8),
        ),
        migrations.AddField(
            model_name='attempt',
            name='parked_total',
            field=catalog.money.MoneyField(null=True),
        ),
        migrations.AddField(
            model_name='attempt',
            name='reason',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='attempt',
            name='refused_again_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='quote',
            name='parts',
            field=models.JSONField(default=list),
        ),
        migrations.AlterField(
            model_name='order',
            name='parked_reason',
            field=models.CharField(blank=True, choices=[('funds', 'Not enough funds'), ('price', 'Price went up'), ('config', 'Supplier refuses our key'), ('stock', 'Out of stock'), ('age', 'Waited too long'), ('approval', 'Needs approval')], max_length=8),
        ),
        migrations.RunPython(copy_from_orders, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(fields=['supplier_order_id'], name='attempt_by_supplier_id'),
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(condition=models.Q(('state', 'parked')), fields=['supplier', 'currency', 'parked_at'], name='attempt_parked'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'parked'), models.Q(('parked_reason', ''), _negated=True), ('parked_at__isnull', False)), models.Q(models.Q(('state', 'parked'), _negated=True), ('parked_at', None), ('parked_reason', ''), ('parked_total', None)), _connector='OR'), name='attempt_parked_for_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', False), ('status__in', ('completed', 'failed', 'cancelled'))), ('status', 'partially_completed'), models.Q(models.Q(('status__in', ('completed', 'failed', 'cancelled')), _negated=True), ('finished_at', None)), _connector='OR'), name='order_finished_when_final'),
        ),
    ]
