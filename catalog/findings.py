"""What a connection test showed, step by step: may the address be called, does it answer, does it take our key and clock."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .suppliers.errors import Forbidden, Misread, NotSent, Refused, Unanswered, Unauthorised

CLOCKS_AGREE_WITHIN_S = 30
OK, FAILED, UNTESTED = "ok", "failed", "untested"
TITLES = {
    "address": gettext_lazy("The address may be called"),
    "host": gettext_lazy("The host answers"),
    "key": gettext_lazy("The key is accepted"),
    "answer": gettext_lazy("The answer can be read"),
    "signature": gettext_lazy("The signature is accepted"),
    "clock": gettext_lazy("The clocks agree"),
}
# The first row that fits an error names the step that failed; those before it are fine, those behind it were not reached.
FAILS_AT = (
    (Forbidden, "address"), (NotSent, "host"), (Misread, "answer"), (Unanswered, "host"), (Unauthorised, "key"),
    (Refused, "answer"))
REACHED = ("address", "host", "key", "answer")


def of(error, *, skew_s, signs_orders_only):
    """`[{"step", "state", "text"}]` of a test that ended with `error` (None: well); its clock is `skew_s` ahead."""
    failed = next((step for kind, step in FAILS_AT if isinstance(error, kind)), None) if error else None
    steps = [_step(name, failed, error) for name in REACHED]
    return [*steps, _signature(steps[2]["state"], signs_orders_only), _clock(skew_s)]


def shown(steps):
    """The steps as a page shows them: (title, state, text)."""
    return [(TITLES[one["step"]], one["state"], one["text"]) for one in steps if one["step"] in TITLES]


def _step(name, failed, error):
    if failed is None or REACHED.index(name) < REACHED.index(failed):
        return {"step": name, "state": OK, "text": ""}
    if name == failed:
        return {"step": name, "state": FAILED, "text": str(error)[:300]}
    return {"step": name, "state": UNTESTED, "text": _("Not reached.")}


def _signature(key_state, signs_orders_only):
    if signs_orders_only:
        return {"step": "signature", "state": UNTESTED,
                "text": _("Only orders are signed here, so the first order shows it. Check the signing secret by eye.")}
    return {"step": "signature", "state": key_state, "text": "" if key_state == OK else _("See the key above.")}


def _clock(skew_s):
    if skew_s is None:
        return {"step": "clock", "state": UNTESTED, "text": _("The supplier told no time.")}
    if abs(skew_s) > CLOCKS_AGREE_WITHIN_S:
        return {"step": "clock", "state": FAILED, "text": _(
            "They differ by %(seconds)s s. Set this machine's clock by NTP; signed requests allow five minutes.") % {
                "seconds": f"{abs(skew_s):.0f}"}}
    return {"step": "clock", "state": OK, "text": ""}
