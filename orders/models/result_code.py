"""What a supplier's result codes mean. Suppliers publish few of them, so the shop fills the table as it learns."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .transaction import ANSWERS, NUMBER_LENGTH

CONFIRMING = "1"
UNDECIDED = "2"


class ResultCode(models.Model):
    """One code of one API. A code that has no row means nothing, so its transaction is unknown.

    Only the documented success confirms, and the documented "unknown error" never fails anything: no row can change that.
    """

    api = models.CharField(_("API"), max_length=30)
    code = models.CharField(
        _("code"), max_length=NUMBER_LENGTH, validators=[RegexValidator(r"^(0|[1-9][0-9]*)$", _("Give its digits only."))])
    word = models.CharField(_("word"), max_length=40, help_text=_("What staff read beside the code."))
    meaning = models.CharField(_("meaning"), max_length=200, blank=True, help_text=_("What it means, and what to do next."))
    outcome = models.CharField(
        _("outcome"), max_length=9, choices=ANSWERS,
        help_text=_("Failed is final: nobody asks again. Pending and unknown are asked again."))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["api", "code"], name="one_meaning_per_code"),
            models.CheckConstraint(
                condition=Q(code=CONFIRMING, outcome="confirmed") | ~Q(code=CONFIRMING) & ~Q(outcome="confirmed"),
                name="only_success_confirms",
                violation_error_message=_("Code 1 means confirmed, and no other code does.")),
            models.CheckConstraint(
                condition=~Q(code=UNDECIDED) | Q(outcome="unknown"), name="unknown_error_decides_nothing",
                violation_error_message=_("Code 2 is the supplier's “unknown error”: it decides nothing.")),
        ]

    def __str__(self):
        return f"{self.api} {self.code}"
