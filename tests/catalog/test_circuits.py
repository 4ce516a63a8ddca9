"""The circuit: when it opens, what passes while it is open or half open, and what it costs."""

from datetime import timedelta

import pytest

from catalog.circuits import ProbeCircuit, RowCircuit
from catalog.models import CircuitState, Supplier
from catalog.suppliers.errors import CircuitOpen

pytestmark = pytest.mark.django_db


class Clock:
    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now

    def pass_s(self, seconds):
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(now):
    return Clock(now)


@pytest.fixture
def circuit(clock):
    supplier = Supplier.objects.create(name="plexy-one", api="plexy_gate", base_url="https://plexy.test")
    return RowCircuit(supplier, clock=clock, spread=lambda low, high: 1.0)


def tell(circuit, *, answered, times):
    for _ in range(times):
        circuit.after(answered=answered)


def state(circuit):
    return CircuitState.objects.get(supplier=circuit.supplier).state


def test_nine_unanswered_calls_are_too_few_to_judge(circuit):
    tell(circuit, answered=False, times=9)

    circuit.before(is_read=False)
    assert state(circuit) == "closed"


@pytest.mark.fault("F76")
def test_ten_unanswered_calls_open_it(circuit):
    tell(circuit, answered=False, times=10)

    with pytest.raises(CircuitOpen) as caught:
        circuit.before(is_read=True)
    assert caught.value.retry_after_s == 30


def test_half_of_twenty_opens_it(circuit):
    tell(circuit, answered=True, times=10)
    tell(circuit, answered=False, times=9)
    assert state(circuit) == "closed"

    circuit.after(answered=False)

    assert state(circuit) == "open"


def test_answers_never_open_it(circuit):
    tell(circuit, answered=True, times=50)

    assert state(circuit) == "closed"


def test_after_thirty_seconds_reads_pass_and_purchases_do_not(circuit, clock):
    tell(circuit, answered=False, times=10)
    clock.pass_s(31)

    circuit.before(is_read=True)

    with pytest.raises(CircuitOpen):
        circuit.before(is_read=False)
    assert state(circuit) == "half_open"


def test_three_answered_reads_close_it(circuit, clock):
    tell(circuit, answered=False, times=10)
    clock.pass_s(31)
    circuit.before(is_read=True)

    tell(circuit, answered=True, times=2)
    assert state(circuit) == "half_open"
    tell(circuit, answered=True, times=1)

    circuit.before(is_read=False)
    assert state(circuit) == "closed"


def test_one_unanswered_read_opens_it_again(circuit, clock):
    tell(circuit, answered=False, times=10)
    clock.pass_s(31)
    circuit.before(is_read=True)

    tell(circuit, answered=False, times=1)

    with pytest.raises(CircuitOpen):
        circuit.before(is_read=True)


def test_a_late_answer_does_not_close_an_open_circuit(circuit):
    tell(circuit, answered=False, times=10)

    tell(circuit, answered=True, times=5)

    assert state(circuit) == "open"


@pytest.mark.fault("F76")
def test_health_probes_are_no_evidence_about_orders(circuit, clock):
    probes = ProbeCircuit(circuit.supplier, clock=clock, spread=circuit.spread)

    tell(probes, answered=False, times=20)
    assert not CircuitState.objects.exists()
    tell(circuit, answered=False, times=9)
    tell(probes, answered=True, times=20)
    tell(circuit, answered=False, times=1)
    assert state(circuit) == "open"


def test_probes_pass_in_any_state_and_good_ones_help_to_close(circuit, clock):
    probes = ProbeCircuit(circuit.supplier, clock=clock, spread=circuit.spread)
    tell(circuit, answered=False, times=10)
    probes.before(is_read=True)
    clock.pass_s(31)
    probes.before(is_read=True)
    assert state(circuit) == "half_open"

    tell(probes, answered=False, times=1)
    tell(probes, answered=True, times=3)

    assert state(circuit) == "closed"


def test_a_healthy_supplier_costs_one_read_and_no_write(circuit, django_assert_num_queries):
    tell(circuit, answered=True, times=20)

    with django_assert_num_queries(1):
        circuit.before(is_read=True)
        circuit.after(answered=True)


def test_what_others_noted_during_a_call_stays(circuit, clock):
    tell(circuit, answered=True, times=1)
    other = RowCircuit(circuit.supplier, clock=clock)
    circuit.before(is_read=True)
    other.after(answered=False)

    circuit.after(answered=False)

    assert CircuitState.objects.get().window == [True, False, False]


def test_what_opened_during_a_call_stays_open(circuit, clock):
    tell(circuit, answered=False, times=9)
    other = RowCircuit(circuit.supplier, clock=clock)
    circuit.before(is_read=True)
    other.after(answered=False)

    circuit.after(answered=True)

    assert state(circuit) == "open"


def test_a_change_made_on_an_old_view_is_refused_and_tried_again(circuit, monkeypatch):
    tell(circuit, answered=True, times=1)
    views = [CircuitState.objects.get(), CircuitState.objects.get()]
    circuit.after(answered=False)
    monkeypatch.setattr(circuit, "_row", lambda: views.pop(0) if len(views) > 1 else CircuitState.objects.get())

    circuit.after(answered=False)

    assert CircuitState.objects.get().window == [True, False, False]
