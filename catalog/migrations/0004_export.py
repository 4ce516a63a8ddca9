import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from catalog import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0003_append_only'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('what', models.CharField(max_length=20)),
                ('filter', models.CharField(blank=True, max_length=500)),
                ('rows', models.PositiveIntegerField()),
                ('is_cut', models.BooleanField(default=False)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['at'], name='export_by_time')],
            },
        ),
        append_only.refuse("catalog_export"),
    ]
