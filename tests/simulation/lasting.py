"""What was once written stays as it was written, and says all there is to say: units, timelines, the books, sealed texts."""

from django.db import connection
from psycopg import sql

from catalog import calls, gateway, vault
from catalog.models import Call
from catalog.suppliers.errors import Misread
from orders import delivery, observing
from orders.models import Attempt, Observation, Unit
from orders.models.attempt import DEAD, RANK, State

OPEN = delivery._open  # as it is before a world watches it
COLUMNS = ("pk", "state", "outcome", "word", "supplier_order_id", "total")
APPEND_ONLY = (
    "orders_unit", "orders_observation", "orders_event", "catalog_call", "catalog_supplierevent", "funding_reading")


def remember(world):
    """Compare the append-only tables with what they held the last time, and keep what they hold now."""
    world.problems += nothing_written_was_changed(world)
    for table in APPEND_ONLY:
        world.written[table] = _content(table, up_to=None)


def catalog():
    """All that is mirrored of the suppliers' catalogs, as one digest each."""
    return [_content(table, up_to=None) for table in ("catalog_product", "catalog_sku")]


def nothing_written_was_changed(world):
    """I-07, I-17: rows of the past are all there, to the byte."""
    for table, (last, digest) in world.written.items():
        if last and _content(table, up_to=last)[1] != digest:
            rule = "I-07" if table == "orders_unit" else "I-17"
            yield f"{rule} rows of {table} were changed or removed"


def _content(table, up_to):
    """The id of the last row, and a digest of all rows up to there."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(
            "SELECT max(id), md5(string_agg(one::text, '|' ORDER BY id)) FROM {} one WHERE id <= %s",
        ).format(sql.Identifier(table)), [2**31 if up_to is None else up_to])
        return cursor.fetchone()


def status_is_what_was_observed(world):
    """I-29: an attempt's progress follows from its applied observations alone, read from the first one."""
    for attempt in Attempt.objects.exclude(state__in=DEAD):
        told, total = None, None
        for seen in attempt.observations.filter(applied=True).order_by("pk"):
            if told is None or RANK[seen.outcome] > RANK[told.outcome]:
                told, total = seen, seen.total if seen.total is not None else total
        here = (attempt.outcome, attempt.word, attempt.supplier_order_id) if attempt.state == State.ACCEPTED else None
        there = (told.outcome, told.word, told.supplier_order_id) if told else None
        if here != there or (told and total != attempt.total):
            yield f"I-29 {world.name(attempt.ref)} is {here}, its observations say {there}"


def reading_again_adds_nothing(world):
    """I-29: every answer to a purchase, applied once more as it was recorded, leaves all as it is."""
    before = _state()
    for call in Call.objects.filter(is_read=False, status__gte=200, status__lt=300).exclude(ref="").order_by("pk"):
        attempt = Attempt.objects.select_related("supplier").get(ref=call.ref)
        try:
            placement = gateway.connect(attempt.supplier).read_placement(calls.read_bodies(call)[1])
        except Misread:
            continue  # a web page, or half an answer: it said nothing then either
        observing.apply(attempt_id=attempt.pk, placement=placement, source=Observation.Source.PLACE, now=world.at)
    if _state() != before:
        yield f"I-29 recorded answers, read again, changed {sorted(_state() ^ before)}"


def _state():
    return set(Attempt.objects.values_list(*COLUMNS)) | set(Unit.objects.values_list("pk", "fingerprint"))


def a_sealed_text_opens_only_where_it_belongs(world):
    """I-30: exchanged, or altered by one character, it is refused."""
    units = list(Unit.objects.select_related("attempt").order_by("pk"))
    for unit, other in zip(units, units[1:] + units[:1], strict=True):
        own = unit.sealed
        for sealed in {other.sealed, _altered(own)} - {own}:
            unit.sealed = sealed
            try:
                OPEN(unit)
            except vault.Unreadable:
                continue
            yield f"I-30 a unit of {world.name(unit.attempt.ref)} opens with another sealed text"


def _altered(sealed):
    middle = sealed.rindex(".") + 5
    return sealed[:middle] + ("A" if sealed[middle] != "A" else "B") + sealed[middle + 1:]
