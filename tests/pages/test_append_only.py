"""The timeline, what suppliers said and delivered units can be added to, and nothing else."""

from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.state import ProjectState

from catalog import append_only
from orders.models import Event, Observation, Unit

TABLES = ("event", "observation", "unit")


@pytest.fixture
def rows(make_order, make_unit):
    order = make_order()
    return {
        "event": order.events.get(),
        "unit": make_unit(order),
        "observation": Observation.objects.create(
            attempt=order.attempts.get(), at=order.created_at, source="place", outcome="completed", rank=100, applied=True),
    }


@pytest.mark.parametrize("name", TABLES)
def test_row_is_never_deleted(rows, name):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        rows[name].delete()


@pytest.mark.parametrize(("model", "change"), [
    (Event, {"text": "Nothing happened"}), (Observation, {"outcome": "failed"}), (Unit, {"sealed": ""})])
def test_row_is_never_changed(rows, model, change):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        model.objects.update(**change)


def test_every_table_that_should_refuse_still_does(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal" if connection.vendor == "postgresql"
                       else "SELECT name FROM sqlite_master WHERE type = 'trigger'")
        found = {name for (name,) in cursor.fetchall()}

    assert {f"{append_only.PREFIX}_orders_{table}_{event}" for table in TABLES for event in ("delete", "update")} <= found


@pytest.mark.django_db(transaction=True)
def test_refusal_can_be_taken_back_and_given_again(make_order):
    order = make_order()
    _turn("database_backwards")
    try:
        order.events.all().delete()
    finally:
        _turn("database_forwards")

    assert not Event.objects.exists()
    with pytest.raises(IntegrityError, match="append-only"):
        make_order().events.all().delete()


def _turn(direction):
    """These operations alone: they look at no model, so the migrations after them need not be undone."""
    nothing = ProjectState()
    with connection.schema_editor() as editor:
        for operation in import_module("orders.migrations.0002_append_only").Migration.operations:
            getattr(operation, direction)("orders", editor, nothing, nothing)
