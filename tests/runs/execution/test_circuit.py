"""The circuit breaker by a clock that is set by hand."""

from __future__ import annotations

from math import inf

import pytest

from harness.records import Failure
from harness.runs.execution.circuit import Circuit, Patience


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def failure(type_: str = "Unavailable") -> Failure:
    return Failure("recognise", type_, "no connection")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def circuit(clock: Clock) -> Circuit:
    return Circuit(Patience(threshold=3, first_pause=2, longest_pause=6, last_probes=3), clock)


def trip(circuit: Circuit) -> None:
    for _ in range(3):
        circuit.sent()
        circuit.failed(failure())


def test_it_opens_after_failures_in_a_row_only(circuit: Circuit) -> None:
    for _ in range(5):
        circuit.sent()
        circuit.failed(failure())
        circuit.failed(failure())
        circuit.succeeded()
    assert not circuit.is_open
    trip(circuit)
    assert (circuit.is_open, circuit.opened, circuit.wait()) == (True, 1, 2)


def test_a_samples_own_failure_says_nothing_of_the_backend(circuit: Circuit) -> None:
    for type_ in ("AudioError", "Rejected", "BadResponse", "NonZeroExit") * 3:
        circuit.sent()
        circuit.failed(failure(type_))
    assert not circuit.is_open


def test_one_probe_at_a_time_and_pauses_that_double_within_a_bound(circuit: Circuit, clock: Clock) -> None:
    trip(circuit)
    pauses = []
    for _ in range(4):
        pauses.append(circuit.wait())
        clock.now += circuit.wait()
        assert circuit.wait() == 0
        circuit.sent()
        assert circuit.wait() == inf  # nothing beside the probe
        circuit.failed(failure())
    assert pauses == [2, 4, 6, 6]
    assert circuit.opened == 1


def test_a_probe_that_succeeds_closes_it(circuit: Circuit, clock: Clock) -> None:
    trip(circuit)
    clock.now += 2
    circuit.sent()
    circuit.succeeded()
    assert (circuit.is_open, circuit.wait(), circuit.hopeless) == (False, 0, False)
    circuit.failed(failure())
    assert not circuit.is_open


def test_a_probe_on_a_bad_recording_decides_nothing(circuit: Circuit, clock: Clock) -> None:
    trip(circuit)
    clock.now += 2
    circuit.sent()
    circuit.failed(failure("Rejected"))
    assert (circuit.is_open, circuit.wait(), circuit.hopeless) == (True, 0, False)


def test_hope_ends_with_the_last_probe_and_at_once_where_nothing_loads(circuit: Circuit, clock: Clock) -> None:
    trip(circuit)
    for left in (2, 1, 0):
        clock.now += circuit.wait()
        circuit.sent()
        circuit.failed(failure())
        assert circuit.hopeless == (left == 0)
    other = Circuit(Patience(), clock)
    other.failed(failure("NotLoaded"))
    assert (other.is_open, other.hopeless, other.unloadable, other.wait()) == (True, True, True, inf)


def test_what_is_refused_names_the_cause(circuit: Circuit) -> None:
    trip(circuit)
    refusal = circuit.refusal()
    assert (refusal.stage, refusal.type) == ("recognise", "CircuitOpen")
    assert "3 times in a row" in refusal.message
    assert "Unavailable: no connection" in refusal.message
