from django.db import migrations, models
from django.db.models import F, Q

OPEN = Q(state="unknown") | Q(state="queued", chunk=0) | Q(state="accepted", outcome__in=["unknown", "pending", "partial"])


def make_due(apps, schema_editor):
    """What is open and has no next step is due at once."""
    apps.get_model("orders", "Attempt").objects.filter(OPEN, due_at=None).update(due_at=F("changed_at"))


class Migration(migrations.Migration):

    dependencies = [
        ("orders", "0017_named_orders"),
    ]

    operations = [
        migrations.RunPython(make_due, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=Q(("due_at", None), ("state", "queued")), fields=["order"], name="attempt_waits_its_turn"),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=Q(
                    ("due_at__isnull", False), Q(("state__in", ["queued", "unknown", "accepted"]), _negated=True),
                    Q(("chunk__gt", 0), ("state", "queued")),
                    Q(("outcome__in", ["completed", "failed", "cancelled"]), ("state", "accepted")), _connector="OR"),
                name="attempt_due_while_open"),
        ),
    ]
