import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from catalog import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0006_former_secret'),
        ('orders', '0014_order_comparisons'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Esim',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('iccid', models.CharField(max_length=22)),
                ('word', models.CharField(blank=True, max_length=60)),
                ('can_renew', models.BooleanField(null=True)),
                ('last_package', models.CharField(blank=True, max_length=200)),
                ('data_total', models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                ('data_left', models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                ('data_unit', models.CharField(blank=True, max_length=20)),
                ('packages', models.JSONField(default=list)),
                ('coverage', models.JSONField(default=list)),
                ('sealed_activation', models.TextField(blank=True, editable=False)),
                ('problem', models.CharField(blank=True, max_length=300)),
                ('read_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('order', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='esims', to='orders.order')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='esims', to='catalog.supplier')),
            ],
            options={
                'permissions': [('read_esim', 'Can ask suppliers about eSIMs')],
            },
        ),
        migrations.CreateModel(
            name='EsimEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(choices=[('entered', 'Entered'), ('asked', 'Asked'), ('delivered', 'Delivered'), ('revealed', 'Code revealed'), ('capped', 'Reveal refused')], max_length=9)),
                ('text', models.CharField(blank=True, max_length=300)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('esim', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='orders.esim')),
            ],
        ),
        migrations.AddIndex(
            model_name='esim',
            index=models.Index(fields=['-created_at', '-id'], name='esim_latest'),
        ),
        migrations.AddIndex(
            model_name='esim',
            index=models.Index(fields=['iccid'], name='esim_by_iccid', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='esim',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='esim_due'),
        ),
        migrations.AddConstraint(
            model_name='esim',
            constraint=models.UniqueConstraint(fields=('supplier', 'iccid'), name='one_row_per_esim'),
        ),
        migrations.AddIndex(
            model_name='esimevent',
            index=models.Index(fields=['esim', '-at', '-id'], name='esim_event_latest'),
        ),
        migrations.AddIndex(
            model_name='esimevent',
            index=models.Index(condition=models.Q(('kind', 'revealed')), fields=['by', '-at'], name='esim_reveals'),
        ),
        append_only.refuse("orders_esimevent"),
    ]
