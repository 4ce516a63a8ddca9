"""Every status word that a page may show: label, tone (colour), shape. Meaning never hangs on colour alone."""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _


class Look(NamedTuple):
    """`tone` is a class `tone-…` of purser.css; `shape` is a key of SHAPES."""

    label: str
    tone: str
    shape: str


# Drawn in a box of 12 by 12. Lines take the text colour; `fill` marks the solid ones in the style sheet.
SHAPES = {
    "done": ("M2.5 6.5 5 9l4.5-5.5", "line"),
    "moving": ("M6 1.5a4.5 4.5 0 0 1 0 9zM6 1.5a4.5 4.5 0 0 0 0 9", "half"),
    "waiting": ("M6 1.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9M6 3.7V6l1.6 1", "line"),
    "part": ("M6 1.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9M3.8 6.2l1.6 1.6 2.8-3.4", "line"),
    "paused": ("M4 2.5v7M8 2.5v7", "bold"),
    "doubt": ("M6 1 11 6 6 11 1 6zM6 3.6v3M6 8.3v.1", "line"),
    "warn": ("M6 1.6 11 10.4H1zM6 4.9v2.4M6 8.9v.1", "line"),
    "bad": ("M3 3l6 6M9 3l-6 6", "bold"),
    "off": ("M2.5 6h7", "bold"),
    "dot": ("M6 3.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5", "solid"),
    "up": ("M6 10V2.5M2.8 5.4 6 2.2l3.2 3.2", "line"),
}

LOOKS = {
    # orders
    "queued": Look(_("Queued"), "calm", "waiting"),
    "sending": Look(_("Sending"), "blue", "moving"),
    "unknown": Look(_("Unknown"), "violet", "doubt"),
    "parked": Look(_("Parked"), "amber", "paused"),
    "accepted": Look(_("Accepted"), "blue", "moving"),
    "partially_completed": Look(_("Partially completed"), "teal", "part"),
    "completed": Look(_("Completed"), "green", "done"),
    "failed": Look(_("Failed"), "red", "bad"),
    "cancelled": Look(_("Cancelled"), "calm", "off"),
    "needs_review": Look(_("Needs review"), "orange", "warn"),
    # attempts and what suppliers say
    "rejected": Look(_("Rejected"), "red", "bad"),
    "proven_absent": Look(_("Proven absent"), "calm", "off"),
    "withdrawn": Look(_("Withdrawn"), "calm", "off"),
    "pending": Look(_("Pending"), "blue", "moving"),
    "partial": Look(_("Partial"), "teal", "part"),
    # money that should come back
    "awaited": Look(_("Awaited"), "calm", "waiting"),
    "returned": Look(_("Came back"), "green", "done"),
    "differs": Look(_("Another amount"), "orange", "warn"),
    "settled": Look(_("Settled by a person"), "calm", "done"),
    # transactions on players' wallets
    "waiting": Look(_("Not asked yet"), "calm", "waiting"),
    "confirmed": Look(_("Confirmed"), "green", "done"),
    "given_up": Look(_("Needs a person"), "orange", "warn"),
    # eSIMs
    "installed": Look(_("Installed"), "green", "done"),
    "released": Look(_("Not installed yet"), "calm", "waiting"),
    # quotes
    "ready": Look(_("Ready"), "green", "done"),
    "refused": Look(_("Refused"), "red", "bad"),
    "expired": Look(_("Expired"), "calm", "off"),
    # accounts
    "ok": Look(_("OK"), "green", "done"),
    "low": Look(_("Low"), "amber", "warn"),
    "overdrawn": Look(_("Overdrawn"), "orange", "warn"),
    "exhausted": Look(_("Exhausted"), "red", "bad"),
    # circuits
    "closed": Look(_("Closed"), "green", "done"),
    "open": Look(_("Open"), "red", "bad"),
    "half_open": Look(_("Half open"), "amber", "part"),
    # sync runs and jobs
    "running": Look(_("Running"), "blue", "moving"),
    "complete": Look(_("Complete"), "green", "done"),
    "success": Look(_("Success"), "green", "done"),
    "late": Look(_("Late"), "amber", "warn"),
    "never": Look(_("Never"), "calm", "off"),
    # what a sync run found
    "new": Look(_("New"), "green", "dot"),
    "price": Look(_("Price changed"), "amber", "up"),
    "changed": Look(_("Changed"), "blue", "dot"),
    "gone": Look(_("Gone"), "calm", "off"),
    "back": Look(_("Back"), "teal", "dot"),
    # suppliers and workers
    "healthy": Look(_("Healthy"), "green", "done"),
    "unhealthy": Look(_("Unhealthy"), "red", "bad"),
    "up": Look(_("Up"), "green", "done"),
    "down": Look(_("Down"), "red", "bad"),
    "connected": Look(_("Connected"), "green", "done"),
    "not_connected": Look(_("Not connected"), "red", "bad"),
    "active": Look(_("Active"), "green", "done"),
    "inactive": Look(_("Inactive"), "calm", "off"),
    "paused": Look(_("Paused"), "amber", "paused"),
    "alive": Look(_("Alive"), "green", "done"),
    "dead": Look(_("Dead"), "red", "bad"),
    "sandbox": Look(_("Sandbox"), "amber", "dot"),
    "production": Look(_("Production"), "green", "dot"),
    # alerts
    "critical": Look(_("Critical"), "red", "bad"),
    "error": Look(_("Error"), "red", "bad"),
    "warning": Look(_("Warning"), "amber", "warn"),
    "info": Look(_("Info"), "blue", "dot"),
    "acknowledged": Look(_("Acknowledged"), "blue", "done"),
    "resolved": Look(_("Resolved"), "green", "done"),
    # webhooks
    "read": Look(_("Order read"), "green", "done"),
    "refreshed": Look(_("Balances read"), "green", "done"),
    "stranger": Look(_("No such order here"), "orange", "warn"),
    "kept": Look(_("Kept"), "calm", "dot"),
    "stuck": Look(_("Not confirmed"), "amber", "doubt"),
    # stock and deposits
    "in_stock": Look(_("In stock"), "green", "done"),
    "out_of_stock": Look(_("Out of stock"), "red", "off"),
    "posted": Look(_("Posted"), "green", "done"),
    "approved": Look(_("Approved"), "green", "done"),
    "test": Look(_("Test"), "amber", "dot"),
}


def look(word):
    """How `word` looks. A word that nobody declared shows as it is, with the mark of doubt."""
    known = LOOKS.get(str(word).lower().replace(" ", "_").replace("-", "_"))
    return known or Look(str(word).replace("_", " ").strip() or _("Unknown"), "plain", "doubt")
