"""An unknown outcome told to a person: when the supplier was asked last, what came back, when next, what to do now."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import models
from django.utils.translation import gettext as _

from .models.attempt import CRASHES_BEFORE_QUARANTINE, State

SOON = timedelta(minutes=5)


class Stage(models.TextChoices):
    """Where the asking stands."""

    ASKING = "asking"
    SOON = "soon"
    LATER = "later"
    PERSON = "person"


@dataclass(frozen=True)
class Inquiry:
    """`answer` is what the last question brought; `next_at` is None where it was left to a person."""

    stage: Stage
    text: str
    is_asking: bool
    asked_at: object
    answer: str
    next_at: object
    advice: str


def about(order, attempts, *, may_ask, now):
    """The Inquiry of the latest of `attempts` whose outcome is unknown, or None. `may_ask`: the reader may act here."""
    attempt = next((one for one in reversed(attempts) if one.state == State.UNKNOWN), None)
    if attempt is None:
        return None
    stage = _stage(order, attempt, now)
    is_asking = _is_asking(attempt, now)
    return Inquiry(
        stage=stage, text=TEXTS[stage](), is_asking=is_asking, asked_at=attempt.asked_at,
        answer=attempt.reason or order.reason or _("No usable answer"),
        next_at=None if _is_left_alone(attempt) else attempt.due_at,
        advice=ADVICE[stage]() if may_ask else _others(stage))


def _stage(order, attempt, now):
    if order.needs_review:
        return Stage.PERSON
    if _is_asking(attempt, now):
        return Stage.ASKING
    return Stage.SOON if attempt.due_at - now <= SOON else Stage.LATER


def _is_asking(attempt, now):
    """Somebody looks, or a worker is about to: a look that is due waits for nothing else."""
    is_looked_at = attempt.lease_until is not None and attempt.lease_until > now
    return is_looked_at or (attempt.due_at <= now and not _is_left_alone(attempt))


def _is_left_alone(attempt):
    return attempt.crash_count >= CRASHES_BEFORE_QUARANTINE


def _others(stage):
    if stage == Stage.ASKING:
        return ADVICE[stage]()
    return _("Tell operations or a lead if it is urgent: they can have the supplier asked at once.")


# Functions, because a sentence is translated when it is shown.
TEXTS = {
    Stage.ASKING: lambda: _("Outcome unknown: the supplier is being asked right now."),
    Stage.SOON: lambda: _("Outcome unknown: the supplier will be asked again in a few minutes."),
    Stage.LATER: lambda: _("Outcome unknown: the supplier could not tell yet. It will be asked again, but not soon."),
    Stage.PERSON: lambda: _("Outcome unknown, and a person has to look into it."),
}
ADVICE = {
    Stage.ASKING: lambda: _("Nothing: this page shows the answer as soon as it comes."),
    Stage.SOON: lambda: _("Nothing is needed. “Ask supplier now” asks at once."),
    Stage.LATER: lambda: _(
        "“Ask supplier now” asks at once. You can also look in the supplier's own portal for our reference below."),
    Stage.PERSON: lambda: _(
        "Look for our reference below in the supplier's own portal, or ask its support. Then choose “End review” and write "
        "what you found. Purser goes on asking meanwhile."),
}
