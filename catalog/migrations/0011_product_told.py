from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0010_spelling'),
    ]

    operations = [
        migrations.AddField(
            model_name='product',
            name='told',
            field=models.UUIDField(editable=False, null=True),
        ),
    ]
