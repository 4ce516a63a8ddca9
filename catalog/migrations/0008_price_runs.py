from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0007_connection_test_steps"),
    ]

    operations = [
        migrations.AddField(
            model_name="syncrun",
            name="prices_only",
            field=models.BooleanField(default=False),
        ),
    ]
