"""A person has looked at an order that was flagged, and says what came of it."""

from django.db import transaction
from django.utils.translation import gettext as _

from .lifecycle import tell
from .models import Event, Order


class NothingToReview(Exception):
    """The order is not flagged."""


class NoNote(Exception):
    """A review ends with a sentence about what was found."""


def settle(*, order, by, note, now):
    """End the review of `order` with a note on its timeline; its status stays as it is. Raises NothingToReview, NoNote."""
    note = " ".join(note.split())
    if not note:
        raise NoNote(_("Write what you found; it stands on the order's timeline."))
    with transaction.atomic():
        if not Order.objects.filter(pk=order.pk, needs_review=True).update(needs_review=False, changed_at=now):
            raise NothingToReview(_("Order %(order)s is not waiting for a review.") % {"order": order.reference})
        order.attempts.update(crash_count=0)  # what was quarantined is tried again once a person has looked
        tell(order_id=order.pk, kind=Event.Kind.NOTE, by=by, now=now, text=f"Reviewed: {note}")


def note(*, order, by, text, now):
    """Put a remark of a person on the order's timeline. Raises NoNote."""
    text = " ".join(text.split())
    if not text:
        raise NoNote(_("Write the note first."))
    tell(order_id=order.pk, kind=Event.Kind.NOTE, by=by, now=now, text=text)
