"""The call log: a row for every try, sealed bodies only for evidence, and the spool when the database is away."""

import json
from pathlib import Path

import pytest
from django.db import DatabaseError, connection

from catalog import spool, vault
from catalog.calls import RowRecorder, read_bodies
from catalog.models import Call, Supplier
from catalog.suppliers.http import CallRecord

pytestmark = pytest.mark.django_db
CANARY = b'{"pin":"CANARY-7731-\xff"}'


@pytest.fixture
def recorder():
    supplier = Supplier.objects.create(name="plexy-one", api="plexy_gate", base_url="https://plexy.test")
    return RowRecorder(supplier, sleep=lambda seconds: None)


@pytest.fixture
def make_record(now):
    def make(**changes):
        return CallRecord(**{
            "operation": "createOrder", "method": "POST", "route": "/orders", "ref": "r-1", "is_read": False,
            "is_evidence": True, "started_at": now, "duration_ms": 12, "status": 201, "outcome": "answered",
            "detail": "", "http_version": "HTTP/1.1", "skew_s": 0.1, "request_size": 4, "request_digest": "d" * 64,
            "response_size": len(CANARY), "request_body": b"{}", "response_body": CANARY, **changes})
    return make


@pytest.fixture
def broken_database(monkeypatch):
    def refuse(self, **options):
        raise DatabaseError("gone away")
    monkeypatch.setattr(Call, "save", refuse)
    return monkeypatch


def test_evidence_is_kept_sealed_and_byte_for_byte(recorder, make_record):
    recorder.record(make_record())

    call = Call.objects.get()
    assert read_bodies(call) == (b"{}", CANARY)
    assert "CANARY" not in str(Call.objects.values().get())


def test_bodies_of_other_calls_are_not_kept(recorder, make_record):
    recorder.record(make_record(is_evidence=False))

    assert read_bodies(Call.objects.get()) == (None, None)


def test_a_sealed_body_does_not_open_in_another_row(recorder, make_record):
    recorder.record(make_record())
    recorder.record(make_record())
    first, second = Call.objects.order_by("id")
    second.sealed_response = first.sealed_response

    with pytest.raises(spool.vault.Unreadable):
        read_bodies(second)


def test_a_record_the_database_refuses_goes_to_a_sealed_file(recorder, make_record, broken_database, settings):
    recorder.record(make_record())

    (path,) = (settings.VAR_DIR / "spool").iterdir()
    assert b"CANARY" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.fixture
def two_waiting(recorder, make_record, broken_database, settings):
    """Two records in the spool, in the order in which they are replayed."""
    recorder.record(make_record())
    recorder.record(make_record())
    broken_database.undo()
    return sorted((settings.VAR_DIR / "spool").iterdir())


def spoil(path, change):
    """Write another record into a file, sealed as ours are."""
    place = f"spool:{path.stem}"
    (row,) = json.loads(vault.unseal(path.read_text(), place=place))
    change(row["fields"])
    path.write_text(vault.seal(json.dumps([row]), place=place))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", [
    lambda fields: fields.update(supplier=999_999),  # a connection that an older database does not have
    lambda fields: fields.update(left_over_from_another_release=1),
    lambda fields: fields.update(operation=None),
])
def test_record_that_cannot_be_kept_is_set_aside_and_the_others_go_on(two_waiting, change):
    spoil(two_waiting[0], change)

    assert spool.replay() == 1

    assert [str(call.key) for call in Call.objects.all()] == [two_waiting[1].stem]
    assert two_waiting[0].with_suffix(".unreadable").exists()
    assert spool.waiting() == 1


def test_file_that_another_process_took_meanwhile_stops_nobody(two_waiting, monkeypatch):
    seen = list(two_waiting)
    monkeypatch.setattr(Path, "glob", lambda folder, pattern: iter(seen))
    two_waiting[0].unlink()

    assert spool.replay() == 1


@pytest.mark.fault("F57")
def test_replay_moves_the_spool_into_the_log_once(recorder, make_record, broken_database, settings):
    recorder.record(make_record())
    kept = next((settings.VAR_DIR / "spool").iterdir())
    copy = kept.read_bytes()
    broken_database.undo()
    settings.VAR_DIR = kept.parent.parent

    assert spool.replay() == 1
    kept.write_bytes(copy)
    assert spool.replay() == 0

    assert read_bodies(Call.objects.get()) == (b"{}", CANARY)
    assert not list(kept.parent.iterdir())


def test_replay_keeps_the_file_while_the_database_is_away(recorder, make_record, broken_database, settings):
    recorder.record(make_record())
    broken_database.setattr(spool, "_restore", lambda path: (_ for _ in ()).throw(DatabaseError("gone")))

    assert spool.replay() == 0
    assert len(list((settings.VAR_DIR / "spool").iterdir())) == 1


def test_an_altered_file_is_set_aside_and_the_rest_goes_on(recorder, make_record, broken_database, settings):
    recorder.record(make_record())
    folder = settings.VAR_DIR / "spool"
    (folder / "0.call").write_text("junk")
    broken_database.undo()
    settings.VAR_DIR = folder.parent

    assert spool.replay() == 1
    assert [path.name for path in folder.iterdir()] == ["0.unreadable"]


def test_without_database_and_disk_the_record_is_not_called_kept(recorder, make_record, broken_database, settings):
    (settings.VAR_DIR / "spool").write_text("a file where the folder should be")

    with pytest.raises(spool.Full):
        recorder.record(make_record())


def test_no_room_where_the_folder_cannot_be_used(settings):
    assert spool.has_room()

    (settings.VAR_DIR / "spool").rmdir()
    (settings.VAR_DIR / "spool").write_text("")

    assert not spool.has_room()


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_a_connection_the_server_dropped_is_made_anew(recorder, make_record):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    other.close()

    recorder.record(make_record())

    assert Call.objects.count() == 1


@pytest.mark.fault("F58")
@pytest.mark.parametrize(("name", "value"), [("FREE_BYTES", 2**62), ("LIMIT", 2)])
def test_full_disk_and_full_spool_have_no_room(two_waiting, monkeypatch, name, value):
    assert spool.has_room()

    monkeypatch.setattr(spool, name, value)

    assert not spool.has_room()
