"""Delivered codes: sealed when they arrive, opened only for a person who may, and never without an event before it."""

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from catalog import vault

from .lifecycle import flag, tell
from .models import EsimEvent, Event, Unit

SURELY_UNIQUE = 10
HINT_FROM = 12  # shorter codes show nothing: four of eight characters would give half the code away
HOUR = timedelta(hours=1)


class NoReason(Exception):
    """A code is revealed for a reason, or not at all."""


class NothingDelivered(Exception):
    """The order has no delivered unit to reveal."""


class TooManyReveals(Exception):
    """This person would have revealed too many codes within an hour."""


@dataclass(frozen=True, slots=True)
class DeliveredUnit:
    """One unit, in the clear. Keep it out of logs, sessions and caches."""

    ordinal: int
    code: str
    serial: str
    expires_on: date | None
    details: dict

    def __repr__(self):
        return f"DeliveredUnit({self.ordinal}, ***)"


def keep(*, attempt, deliveries, now):
    """Seal and store the units not stored yet; gives how many are new. Runs in the caller's transaction."""
    known = set(attempt.units.values_list("fingerprint", flat=True))
    before = len(known)
    for delivery in deliveries:
        prints = vault.fingerprints(_identity(delivery))
        if known.intersection(prints):
            continue
        known.add(prints[0])
        _store(attempt, len(known), prints, delivery, now)
    return len(known) - before


def reveal(*, order, by, reason, now):
    """The order's units in the clear, for `by`, who needs the permission and gives a reason.

    The event is committed before anything is opened; a reveal that the cap refuses leaves one too. Raises
    PermissionDenied, NoReason, NothingDelivered, TooManyReveals, or vault.Unreadable when a key is missing.
    """
    if not by.has_perm("orders.reveal_code"):
        raise PermissionDenied("orders.reveal_code")
    reason = check_reason(reason)
    units = list(Unit.objects.of(order).select_related("attempt"))
    if not units:
        raise NothingDelivered(_("Nothing has been delivered for this order yet."))
    _write_down(order, by, reason, len(units), now)
    return [replace(_open(unit), ordinal=number) for number, unit in enumerate(units, 1)]


def opens(unit):
    """Whether a stored unit can be opened; nothing of it is kept or shown."""
    try:
        vault.unseal(unit.sealed, place=_place(unit.attempt, unit.ordinal))
    except vault.Unreadable:
        return False
    return True


def check_reason(reason):
    """The reason of a reveal, in one line. Raises NoReason."""
    reason = " ".join(reason.split())
    if not reason:
        raise NoReason(_("Say why the code is needed; it stands on the timeline."))
    return reason


def over_cap(*, by, count, now):
    """How many codes `by` was shown within the hour, where `count` more would be too many; else 0.

    In the caller's transaction, which is to write down the reveal or its refusal.
    """
    # One reveal of a person at a time, or two at once would both find room under the cap.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    recent = _revealed(by, since=now - HOUR)
    # An order larger than the cap can still be opened, alone in its hour: no bought code is lost.
    return recent if recent + count > settings.REVEALS_PER_HOUR else 0


def asked_too_much(recent, reason):
    """A refused reveal in the words of the timeline."""
    return f"Not revealed: {recent} within the hour, {settings.REVEALS_PER_HOUR} allowed. Asked for: {reason[:200]}"


def told_too_much(recent):
    """A refused reveal in words to whoever asked."""
    return _("You revealed %(recent)d codes within the hour; %(most)d are allowed. Wait, or ask a lead.") % {
        "recent": recent, "most": settings.REVEALS_PER_HOUR}


def _store(attempt, ordinal, prints, delivery, now):
    if delivery.code and Unit.objects.filter(fingerprint__in=prints).exists():
        flag(order_id=attempt.order_id, now=now, text=f"Unit {ordinal} is a code that was delivered before")
    content = {
        "code": delivery.code,
        "serial": delivery.serial,
        "expires_on": delivery.expires_on.isoformat() if delivery.expires_on else None,
        "details": dict(delivery.details),
    }
    Unit.objects.create(
        attempt=attempt, ordinal=ordinal, fingerprint=prints[0],
        sealed=vault.seal(json.dumps(content), place=_place(attempt, ordinal)),
        has_code=bool(delivery.code), hint=delivery.code[-4:] if len(delivery.code) >= HINT_FROM else "",
        expires_on=delivery.expires_on, created_at=now)


def _identity(delivery):
    """What makes a unit the same unit when it is read again: its code and serial number.

    A short code alone is a PIN that two cards may share, so the rest of what came with it counts too.
    """
    if len(delivery.code) >= SURELY_UNIQUE:
        return delivery.code
    return json.dumps([delivery.code, delivery.serial, sorted(delivery.details.items())])


def _place(attempt, ordinal):
    return f"unit:{attempt.ref}:{ordinal}"


def _write_down(order, by, reason, count, now):
    with transaction.atomic(durable=True):
        recent = over_cap(by=by, count=count, now=now)
        if recent:
            tell(order_id=order.pk, kind=Event.Kind.CAPPED, by=by, now=now, text=asked_too_much(recent, reason))
        else:
            tell(order_id=order.pk, kind=Event.Kind.REVEALED, by=by, now=now,
                 text=f"Revealed {count} unit{'s' if count > 1 else ''}: {reason[:200]}")
    if recent:
        raise TooManyReveals(told_too_much(recent))


def _revealed(by, *, since):
    """How many codes `by` was shown since then; the same code shown twice counts twice."""
    units = Unit.objects.filter(
        attempt__order__events__by=by, attempt__order__events__kind=Event.Kind.REVEALED,
        attempt__order__events__at__gt=since, created_at__lte=F("attempt__order__events__at")).count()
    return units + EsimEvent.objects.filter(by=by, kind=EsimEvent.Kind.REVEALED, at__gt=since).count()


def _open(unit):
    content = json.loads(vault.unseal(unit.sealed, place=_place(unit.attempt, unit.ordinal)))
    return DeliveredUnit(
        ordinal=unit.ordinal, code=content["code"], serial=content["serial"], expires_on=unit.expires_on,
        details=content["details"])
