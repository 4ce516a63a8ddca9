"""How much one person may spend in a day without a second one."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.money import MoneyField, show


class SpendLimit(models.Model):
    """Of `user`, or, where that is empty, of everybody without a limit of their own in this currency."""

    user = models.ForeignKey(
        "auth.User", null=True, blank=True, on_delete=models.CASCADE, related_name="+",
        help_text=_("Leave it empty for everybody who has no limit of their own in this currency."))
    currency = models.CharField(max_length=3, validators=[RegexValidator("^[A-Z]{3}$", _("Three capital letters, as USD."))])
    per_day = MoneyField(help_text=_("What goes beyond it waits until a second person approves. 0: everything does."))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "currency"], name="one_limit_per_person",
                violation_error_message=_("This person has a limit in this currency already.")),
            models.UniqueConstraint(
                fields=["currency"], condition=Q(user=None), name="one_limit_for_everybody",
                violation_error_message=_("There is a limit for everybody in this currency already.")),
            models.CheckConstraint(
                condition=Q(per_day__gte=0), name="limit_not_negative",
                violation_error_message=_("A limit is 0 or more.")),
        ]

    def __str__(self):
        return f"{self.user or _('Everybody')}: {show(self.per_day, self.currency)} a day"
