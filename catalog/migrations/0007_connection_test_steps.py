from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0006_former_secret"),
    ]

    operations = [
        migrations.AddField(
            model_name="connectiontest",
            name="steps",
            field=models.JSONField(default=list),
        ),
    ]
