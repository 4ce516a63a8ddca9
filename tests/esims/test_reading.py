"""What is kept of an eSIM: read once by whoever comes first, with its age, and its secret sealed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django_q.models import OrmQ

from catalog import clock, vault
from catalog.models import Call
from catalog.suppliers.esims import check_digit, is_iccid, is_mistyped
from catalog.suppliers.giftapi.lab_esim import KNOWN_ICCID
from orders import delivery, esims, qr, sweep
from orders.models import Esim, EsimEvent
from orders.tasks import read_esim
from tests.esims.conftest import read

pytestmark = pytest.mark.django_db


def test_published_iccid_has_its_check_digit():
    assert check_digit("894442271110833898") == "2"
    assert not is_mistyped("8944422711108338982")


@pytest.mark.parametrize("place", range(19))
def test_any_single_wrong_digit_is_noticed(place):
    iccid = "8944422711108338982"
    wrong = f"{iccid[:place]}{(int(iccid[place]) + 1) % 10}{iccid[place + 1:]}"

    assert is_mistyped(wrong)


@pytest.mark.parametrize("text", ["", "89", "8" * 23, "89444227111083389８2", "894442271110833898x"])
def test_what_is_no_iccid(text):
    assert not is_iccid(text)


def test_blanks_and_dashes_do_not_matter():
    assert esims.check_iccid(" 8944 4227-1110 8338 982 ") == "8944422711108338982"


def test_wrong_check_digit_is_refused_and_nothing_is_kept(giftapi, now):
    with pytest.raises(esims.OddIccid, match="last digit"):
        esims.enter(supplier=giftapi, iccid="8944422711108338983", by=None, now=now)
    assert not Esim.objects.exists()


def test_reading_is_kept_with_its_age(known):
    assert (known.word, known.can_renew, known.problem, known.due_at) == ("Installed", True, "", None)
    assert known.read_at is not None
    assert known.data_left == known.data_total > Decimal(0)
    assert [one["country_code"] for one in known.coverage] == ["AE", "GB"]
    assert known.packages[0]["word"] == "active"


def test_activation_code_is_sealed_for_its_place(known, giftapi):
    assert "LPA:" not in known.sealed_activation
    opened = vault.unseal(known.sealed_activation, place=f"esim:{giftapi.pk}:{KNOWN_ICCID}:activation")
    assert opened.startswith("LPA:1$smdp.example.test$TEST-")


def test_call_log_keeps_no_answer_about_an_esim(known):
    call = Call.objects.get(operation="getEsimStatus")

    assert (call.route, call.sealed_request, call.sealed_response) == ("/services/esim/{iccid}/status", "", "")


def test_task_carries_an_id_only(giftapi, now):
    esim = esims.enter(supplier=giftapi, iccid=KNOWN_ICCID, by=None, now=now)

    task = OrmQ.objects.get().task
    read_esim(*task["args"])
    assert task["args"] == (str(esim.pk),)
    assert Esim.objects.get().read_at is not None


def test_reading_that_nobody_began_is_done_by_the_sweep(giftapi, now):
    esims.enter(supplier=giftapi, iccid=KNOWN_ICCID, by=None, now=now)
    OrmQ.objects.all().delete()

    assert sweep.run_due(now=clock.now())["esim"] == 1
    assert sweep.run_due(now=clock.now())["esim"] == 0


def test_of_two_readers_one_asks(giftapi, now):
    esim = esims.enter(supplier=giftapi, iccid=KNOWN_ICCID, by=None, now=now)
    taken = Esim.objects.filter(pk=esim.pk, due_at__lte=now).update(due_at=now + esims.LEASE)

    assert taken == 1
    assert esims.read(pk=esim.pk, now=now, clock=clock.now) is False
    assert not Call.objects.filter(operation="getEsimStatus").exists()


def test_reader_that_died_is_followed_by_another(giftapi, now):
    esim = esims.enter(supplier=giftapi, iccid=KNOWN_ICCID, by=None, now=now)
    Esim.objects.filter(pk=esim.pk).update(due_at=now + esims.LEASE)

    assert read(esim, now + esims.LEASE + timedelta(seconds=1)).read_at is not None


def test_who_asks_while_it_is_read_is_not_forgotten(giftapi, now, monkeypatch):
    esim = esims.enter(supplier=giftapi, iccid=KNOWN_ICCID, by=None, now=now)
    client = esims.gateway.connect(giftapi)
    answer = client.esim_status

    def slow(iccid):
        esims.ask(esim=esim, by=None, now=now)
        return answer(iccid)

    monkeypatch.setattr(client, "esim_status", slow)
    assert read(esim, now).due_at == now


@pytest.mark.parametrize("fault", ["error", "reset", "html"])
def test_trouble_keeps_the_last_reading_and_says_why(lab, known, fault, monkeypatch):
    monkeypatch.setattr("catalog.suppliers.pacing.FIRST_PAUSE_S", 0.001)
    lab.fail("giftapi", "getEsimStatus", fault, times=9)
    esims.ask(esim=known, by=None, now=clock.now())

    after = read(known)

    assert after.problem
    assert (after.word, after.read_at, after.due_at) == ("Installed", known.read_at, None)


def test_esim_that_the_supplier_does_not_know(giftapi, now):
    esim = esims.enter(supplier=giftapi, iccid="8944422711108338982", by=None, now=now)

    after = read(esim)

    assert (after.read_at, "knows no eSIM" in after.problem) == (None, True)


def test_reveal_is_written_down_before_anything_is_opened(known, staff, monkeypatch):
    by = staff("support")
    monkeypatch.setattr(vault, "unseal", lambda *args, **kwargs: pytest.fail("opened") if not EsimEvent.objects.filter(
        kind="revealed").exists() else "LPA:1$x$y")

    assert esims.reveal(esim=known, by=by, reason="Mail lost", now=clock.now()) == "LPA:1$x$y"
    event = EsimEvent.objects.get(kind="revealed")
    assert (event.by, "Mail lost" in event.text, "LPA" in event.text) == (by, True, False)


def test_reveal_needs_permission_and_a_reason(known, staff):
    with pytest.raises(PermissionDenied):
        esims.reveal(esim=known, by=staff("operations"), reason="x", now=clock.now())
    with pytest.raises(delivery.NoReason):
        esims.reveal(esim=known, by=staff("support"), reason="  ", now=clock.now())
    assert not EsimEvent.objects.filter(kind="revealed").exists()


def test_reveals_of_esims_count_towards_the_hourly_cap(known, staff, settings):
    settings.REVEALS_PER_HOUR = 1
    by = staff("support")
    esims.reveal(esim=known, by=by, reason="Mail lost", now=clock.now())

    with pytest.raises(delivery.TooManyReveals):
        esims.reveal(esim=known, by=by, reason="Again", now=clock.now())


def test_history_cannot_be_rewritten(known):
    for rewrite in (lambda rows: rows.update(text="other"), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rewrite(EsimEvent.objects.filter(esim=known))


def test_picture_draws_every_dark_square_once():
    picture = qr.draw("LPA:1$smdp.example.test$TEST")
    rows = qr.qrcode.QRCode(border=qr.BORDER)
    rows.add_data("LPA:1$smdp.example.test$TEST")
    rows.make(fit=True)

    dark = sum(sum(row) for row in rows.get_matrix())
    drawn = sum(int(run.split("h")[1].split("v")[0]) for run in picture.path.split("M")[1:])
    assert (drawn, picture.size) == (dark, len(rows.get_matrix()))
    assert "LPA" not in repr(picture)
    assert set(picture.path) <= set("Mhvz- 0123456789")
