"""Learning which phases a car uses."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.known.phases import PhaseUse
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorReading

from ..plant import START


def reading(seconds: float, *drawn: float, per_phase: bool = True) -> ConnectorReading:
    """Return a draw at the terminals, measured some seconds after the start."""
    return ConnectorReading(
        drawn=PerPhase(*drawn), drawn_at=START + timedelta(seconds=seconds), per_phase=per_phase
    )


def learned(wiring: Wiring, *readings: ConnectorReading) -> tuple[int, ...]:
    use = PhaseUse()
    for each in readings:
        use.learn(each, wiring)
    return use.phases(wiring)


@pytest.mark.parametrize(
    ("wiring", "drawn", "phases"),
    [
        (Wiring.TRI123, (16, 0.3, 0), (0,)),
        (Wiring.TRI231, (16, 0, 0), (1,)),
        (Wiring.TRI312, (16, 16, 0.5), (2, 0)),
        (Wiring.TRI321, (16, 16, 16), (2, 1, 0)),
        (Wiring.MONO2, (16, 0, 0), (1,)),
        (Wiring.MONO2, (0, 0, 16), (1,)),
    ],
)
def test_phases_that_draw_for_30_s_while_others_do_not_are_learned(
    wiring: Wiring, drawn: tuple[float, ...], phases: tuple[int, ...]
) -> None:
    assert learned(wiring, reading(0, *drawn), reading(30, *drawn)) == phases


@pytest.mark.parametrize(
    "readings",
    [
        [],
        [reading(0, 16)],
        [reading(0, 16), reading(29, 16)],
        # It begins with one phase and takes the others after it.
        [reading(0, 16), reading(20, 16, 16, 16), reading(40, 16, 16, 0)],
        # It hardly draws.
        [reading(0, 2.9), reading(40, 2.9)],
        [reading(0, 16), reading(20, 1), reading(40, 16)],
        # Its charger does not tell the terminals apart.
        [reading(0, 16, per_phase=False), reading(40, 16, per_phase=False)],
        # The clock was set back.
        [reading(0, 16), reading(-100, 16), reading(-80, 16)],
        # Nothing is measured.
        [ConnectorReading(per_phase=True), ConnectorReading(drawn=PerPhase(16), per_phase=True)],
    ],
)
def test_until_then_all_wired_phases_count(readings: list[ConnectorReading]) -> None:
    assert learned(Wiring.TRI231, *readings) == (1, 2, 0)


def test_a_current_on_another_phase_counts_at_once() -> None:
    one_phase = (reading(0, 16), reading(30, 16))
    assert learned(Wiring.TRI123, *one_phase) == (0,)
    assert learned(Wiring.TRI123, *one_phase, reading(31, 16, 0.6)) == (0, 1, 2)


def test_what_is_learned_stays_while_the_car_rests() -> None:
    readings = (reading(0, 16), reading(30, 16), reading(60, 0), reading(90, 0.4, 0.4, 0.4))
    assert learned(Wiring.TRI123, *readings) == (0,)


def used(*readings: ConnectorReading) -> PhaseUse:
    """Return what is known once a car that showed itself so is gone."""
    use = PhaseUse()
    for each in readings:
        use.learn(each, Wiring.TRI231)
    use.forget()
    return use


def test_the_next_car_is_expected_to_use_the_same_phases_but_all_of_them_count() -> None:
    use = used(reading(0, 16), reading(30, 16))
    assert use.expected(Wiring.TRI231) == (1,)
    assert use.phases(Wiring.TRI231) == (1, 2, 0)


def test_what_was_expected_is_over_once_a_car_shows_more() -> None:
    use = used(reading(0, 16), reading(30, 16))
    use.learn(reading(40, 4, 4, 4), Wiring.TRI231)
    assert use.expected(Wiring.TRI231) == (1, 2, 0)


def test_a_car_on_fewer_phases_of_those_expected_is_believed() -> None:
    use = used(reading(0, 16, 16, 16), reading(30, 16, 16, 16))
    for seconds in (40, 70):
        use.learn(reading(seconds, 16), Wiring.TRI231)
    assert use.expected(Wiring.TRI231) == (1,)


def test_one_phase_that_the_charger_has_chosen_says_nothing_of_the_next_car() -> None:
    limited = [replace(reading(seconds, 16), phase_count=1) for seconds in (0, 30)]
    assert used(*limited).expected(Wiring.TRI231) == (1, 2, 0)


def test_what_is_expected_outlives_a_restart() -> None:
    use = used(reading(0, 16, 16), reading(30, 16, 16))
    assert PhaseUse.from_json(json.loads(json.dumps(use.to_json()))) == use
    assert PhaseUse.from_json(PhaseUse().to_json()) == PhaseUse() == PhaseUse.from_json({})


@pytest.mark.parametrize("stored", [None, {"before": 1}, {"before": [3]}, {"before": ["a"]}])
def test_stored_nonsense_is_refused(stored: object) -> None:
    with pytest.raises(ValueError, match="not a"):
        PhaseUse.from_json(stored)


def test_a_rest_does_not_count_as_time_of_drawing() -> None:
    use = PhaseUse()
    for each in (reading(0, 16), reading(10, 0), reading(35, 16), reading(60, 16)):
        use.learn(each, Wiring.TRI123)
    assert use.used is None
    use.learn(reading(65, 16), Wiring.TRI123)
    assert use.used == {0}


def test_forgetting() -> None:
    use = PhaseUse(used=frozenset({1}))
    use.forget()
    assert use.phases(Wiring.TRI123) == (0, 1, 2)
