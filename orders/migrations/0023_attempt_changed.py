from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("orders", "0022_spelling"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(fields=["supplier", "changed_at"], name="attempt_changed"),
        ),
    ]
