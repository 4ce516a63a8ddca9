"""An order as one JSON document, for commands; codes are masked."""

from catalog.money import show

from .models import Event, Unit


def describe(order):
    """The document that `show_order --json` prints."""
    return {
        **summarise(order),
        "needs_review": order.needs_review,
        "attempts": [
            {"ref": attempt.ref, "state": attempt.state, "send_count": attempt.send_count, "chunk": attempt.chunk,
             "quantity": attempt.quantity, "outcome": attempt.outcome, "supplier_order_id": attempt.supplier_order_id}
            for attempt in order.attempts.order_by("chunk", "n")
        ],
        "units": [
            {"ordinal": number, "chunk": unit.attempt.chunk, "code": mask(unit.hint),
             "expires_on": unit.expires_on.isoformat() if unit.expires_on else None}
            for number, unit in enumerate(Unit.objects.of(order).select_related("attempt"), 1)
        ],
        "events": [
            {"at": event.at.isoformat(), "kind": event.kind, "text": event.text}
            for event in Event.objects.filter(order=order).order_by("at", "id")
        ],
    }


def summarise(order):
    """The document that `place_order --json` prints."""
    total = order.charged_total if order.charged_total is not None else order.agreed_total
    return {
        "order": str(order.pk),
        "reference": order.reference,
        "status": order.status,
        "supplier_order_id": order.supplier_order_id or None,
        "total": plain(total, order.currency),
        "currency": order.currency,
        "reason": order.reason,
    }


def plain(amount, currency):
    """`12.50`: digits only, the currency's minor unit at least."""
    return show(amount, "").replace(",", "").replace("\N{MINUS SIGN}", "-") if amount is not None else None


def mask(hint):
    """How a sealed code is shown without opening it."""
    return f"•••• {hint}" if hint else "••••"
