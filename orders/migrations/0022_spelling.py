from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0021_indexes_for_what_stands_out'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='esim',
            options={'permissions': [('read_esim', 'Can ask suppliers about eSIMs')], 'verbose_name': 'sold eSIM', 'verbose_name_plural': 'sold eSIMs'},
        ),
        migrations.AlterModelOptions(
            name='esimevent',
            options={'verbose_name': 'event of an eSIM', 'verbose_name_plural': 'events of eSIMs'},
        ),
    ]
