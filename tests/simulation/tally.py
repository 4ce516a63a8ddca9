"""What happened on the simulated days of a run: told at its end, and what never happened was not proven.

A plugin of the whole run, because each process plays a part of the days.
"""

import json
import textwrap
from collections import Counter

import pytest

from catalog.suppliers.esims import ICCID_FIELD
from catalog.suppliers.types import Outcome, ProductKind
from orders.models import Attempt, Event, Notice, Observation, Order
from orders.models.attempt import State
from orders.models.order import Status

from .goods import BOUGHT_FROM

ENOUGH = 200  # days, after which everything must have happened at least once
HAPPENED = "happened"
ONCE_AT_EACH = ("completed", "failed", "cancelled", "withdrawn", "sent again", "parked", "found by a look-up")
MUST = (
    *(f"{what} at {api}" for what in ONCE_AT_EACH for api in BOUGHT_FROM),
    *(f"crash C{number}" for number in range(1, 11)),
    *(f"purchase {what}" for what in (
        "never left", "lost before", "error before", "lost after", "error after", "html after", "delayed", "twice")),
    *(f"notice sent {how}" for how in ("plainly", "never", "twice", "altered", "forged", "stale")),
    "notice read", "notice refreshed", "notice repeated", "order in EUR", "order in parts", "order of an eSIM's package",
    "eSIM sold", "code revealed", "phone looked up", "delivered in part", "rest delivered later", "deposit",
    "order ended by hand", "order reversed", "contradiction kept", "refusal stored", "replayed", "token renewed",
    "approved", "declined", "released", "withdrawn by hand", "sent again by hand", "left to a person", "refused OwnRequest",
)


def of(world):
    """How often each thing happened on one day, as far as it can be counted."""
    here = Counter(world.happened)
    for order in Order.objects.select_related("supplier", "sku__product"):
        api, kind = order.supplier.api, order.sku.product.kind
        here[f"{order.status} at {api}"] += 1
        here[f"order in {order.currency}"] += 1
        here["left to a person"] += order.needs_review
        here["order of an eSIM's package"] += bool(order.fields.get(ICCID_FIELD)) and order.status == Status.COMPLETED
        here["eSIM sold"] += kind == ProductKind.ESIM and not order.fields.get(ICCID_FIELD) and order.is_final
    for attempt in Attempt.objects.select_related("supplier"):
        api = attempt.supplier.api
        here["order in parts"] += attempt.chunk == 1 and attempt.n == 1
        here["refusal stored"] += attempt.n > 1
        here[f"sent again at {api}"] += attempt.send_count > 1
        here[f"withdrawn at {api}"] += attempt.state == State.WITHDRAWN
        here[f"rejected at {api}"] += attempt.state == State.REJECTED
    for told in Event.objects.filter(text__startswith="Parked").select_related("order__supplier"):
        here[f"parked at {told.order.supplier.api}"] += 1
    for seen in Observation.objects.select_related("attempt__supplier"):
        here[f"found by a look-up at {seen.attempt.supplier.api}"] += seen.source == Observation.Source.FIND
        here["replayed"] += seen.source == Observation.Source.REPLAY
        here["delivered in part"] += seen.outcome == Outcome.PARTIAL and seen.applied
        here["contradiction kept"] += bool(seen.conflict)
    for notice in Notice.objects.all():
        here[f"notice {notice.result}"] += 1
        here["notice repeated"] += notice.copies > 1
    here["token renewed"] += sum(
        one.status == 200 for one in world.lab.calls("octopus_cards", "refreshToken"))
    return +here


def lacking(happened, days):
    """What a run of so many days should have met, and did not."""
    return [what for what in MUST if not happened[what]] if days >= ENOUGH else []


def pytest_terminal_summary(terminalreporter):
    happened, days = _told(terminalreporter)
    if days:
        terminalreporter.section(f"what happened on {days} simulated days")
        told = ", ".join(f"{what} {count}" for what, count in sorted(happened.items()))
        for line in textwrap.wrap(told, 150, break_on_hyphens=False):
            terminalreporter.write_line(line)
        for what in lacking(happened, days):
            terminalreporter.write_line(f"NEVER HAPPENED, so nothing is proven of it: {what}", red=True)


def pytest_sessionfinish(session):
    terminalreporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminalreporter and lacking(*_told(terminalreporter)):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def _told(terminalreporter):
    """What the tests that played days have recorded, added up, and how many days they were."""
    happened, days = Counter(), 0
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == HAPPENED:
                day_count, counts = json.loads(value)
                happened.update(counts)
                days += day_count
    return happened, days
