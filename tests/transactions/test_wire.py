"""What the network does to a question about a transaction: it is asked again, and nothing else follows from it."""

import pytest

from catalog.models import Supplier
from catalog.suppliers import pacing
from tests import frames, proxy

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg]
PREFACE = b"^PRI "  # every connection of HTTP/2 begins so
HARMS = {
    "ends_before": proxy.hang_up(),
    "ends_after": frames.at_the_answer(proxy.swallow()), "reset": frames.at_the_answer(proxy.reset()),
    "half_closed": frames.at_the_answer(proxy.half_close()), "cut": frames.at_the_answer(proxy.cut(40)),
    **{how: frames.broken_off(how) for how in frames.ENDS},
}


@pytest.fixture
def wire(wallet, lab, monkeypatch):
    """The proxy through which the wallet is asked."""
    monkeypatch.setattr(pacing, "FIRST_PAUSE_S", 0.001)
    between = proxy.Proxy(int(lab.url.rpartition(":")[2]))
    wallet.base_url = f"http://127.0.0.1:{between.port}/game_wallet"
    Supplier.objects.filter(pk=wallet.pk).update(base_url=wallet.base_url)
    yield between
    between.stop()


@pytest.mark.fault("F07")
@pytest.mark.parametrize("how", HARMS)
def test_question_that_is_broken_off_is_asked_again_at_once(wire, enter, ask, codes, lab, now, how):
    wire.harm(HARMS[how], said=PREFACE)

    row = ask(enter(at=now), now)

    assert (row.status, row.http_version, wire.struck) == ("confirmed", "HTTP/2", 1)
    assert len(lab.calls("game_wallet")) == (1 if how == "ends_before" else 2)


@pytest.mark.fault("F07")
@pytest.mark.parametrize("how", HARMS)
def test_question_that_is_always_broken_off_leaves_it_unknown_and_due(wire, enter, ask, codes, now, how):
    wire.harm(HARMS[how], said=PREFACE, times=3)

    row = ask(enter(at=now), now)
    assert (row.status, wire.struck) == ("unknown", 3)
    assert row.detail

    row = ask(row, row.due_at)
    assert row.status == "confirmed"
