from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0009_switched_off_help"),
        ("orders", "0020_expect_what_is_owed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(condition=models.Q(("state__in", ("sending", "unknown"))), fields=["state", "supplier"], name="attempt_in_doubt"),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(condition=models.Q(("released_at__isnull", False)), fields=["supplier", "currency", "released_at"], name="attempt_released"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(condition=models.Q(("kind", "capped")), fields=["at"], name="event_capped"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(condition=models.Q(("result__in", ["stranger", "stuck"])), fields=["result", "handled_at"], name="notice_for_a_person"),
        ),
    ]
