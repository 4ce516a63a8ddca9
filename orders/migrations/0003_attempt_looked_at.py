
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("orders", "0002_append_only"),
    ]

    operations = [
        migrations.AddField(
            model_name="attempt",
            name="looked_at",
            field=models.DateTimeField(null=True),
        ),
    ]
