"""Phases are switched while the whole site stays within its limits."""

import pytest

from custom_components.headroom.engine.cars.phase_switch import PhasesSeen, PhaseSwitch
from custom_components.headroom.engine.cars.wear import Wear, WearPolicy
from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.decision import ReasonCode, Setpoint
from custom_components.headroom.engine.known.phases import PhaseUse
from custom_components.headroom.engine.site.model import Site, Zone
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorReading

from .plant import START, Car, Plant, charger, static_site


def plant(site: Site, *switchable: str, shows: bool = True, phases: int = 3) -> Plant:
    """Return a plant in which some chargers can switch phases, and measure each."""
    plant = Plant(site)
    for key in switchable:
        car = plant.cars[key]
        car.terminals, car.per_phase = phases, True
        car.phase_count = phases if shows else None
    return plant


def codes(setpoint: Setpoint) -> list[ReasonCode]:
    return [reason.code for reason in setpoint.reasons]


@pytest.mark.parametrize("shows", [True, False])
@pytest.mark.parametrize(("before", "after"), [(1, 3), (3, 1)])
def test_a_car_is_switched_and_charges_on(shows: bool, before: int, after: int) -> None:
    site = plant(static_site(32, [charger("a")]), "a", shows=shows, phases=before)
    assert site.run(60).setpoints["a"].current == 32
    site.phase_counts = {"a": after}
    setpoint = site.run(1).setpoints["a"]
    assert setpoint.current == 0
    assert codes(setpoint)[0] is ReasonCode.SWITCHING_PHASES
    assert site.run(120).setpoints["a"].current == 32
    assert site.cars["a"].terminals == after
    assert site.true_current() == PerPhase.on(PHASES[:after], 32.0)


def test_one_phase_gets_what_three_could_not_have() -> None:
    zone = Zone(id="z", limit=PerPhase(32, 4, 32))
    site = Site(zones=(zone,), chargers=(charger("a"),))
    park = plant(site, "a")
    assert park.run(60).setpoints["a"].current == 0
    park.phase_counts = {"a": 1}
    assert park.run(90).setpoints["a"].current == 32
    assert park.true_current() == PerPhase(32, 0, 0)
    assert park.decision.zones["z"].committed == PerPhase(32, 0, 0)


def test_the_first_terminal_is_turned_to_its_grid_phase() -> None:
    zone = Zone(id="z", limit=PerPhase(4, 32, 4))
    site = Site(zones=(zone,), chargers=(charger("a", wiring=Wiring.TRI231),))
    park = plant(site, "a")
    park.phase_counts = {"a": 1}
    assert park.run(90).setpoints["a"].current == 32
    assert park.true_current() == PerPhase(0, 32, 0)


def test_a_charger_that_shows_nothing_counts_on_all_phases_until_it_is_measured() -> None:
    park = plant(static_site(32, [charger("a"), charger("b")]), "a", shows=False)
    park.cars["b"].terminals = 3
    park.run(120)
    park.phase_counts = {"a": 1}
    park.run(60)
    while park.decision.setpoints["a"].current == 0:
        park.run(1)
    assert park.decision.zones["z"].committed.l2 <= 32
    assert len(park.decision.setpoints["a"].phases) == len(PHASES)
    assert len(park.run(60).setpoints["a"].phases) == 1


def test_others_never_meet_current_that_nobody_counted() -> None:
    park = plant(static_site(32, [charger("a"), charger("b")]), "a", phases=1)
    park.run(120)
    assert park.decision.setpoints["a"].phases == (0,)
    park.phase_counts = {"a": 3}
    park.run(300)
    assert park.cars["a"].terminals == 3
    assert max(max(current) for _, current in park.history) <= 32.05
    assert park.setpoints() == {"a": 16, "b": 16}


def test_a_switch_that_has_to_wait_lets_the_car_charge() -> None:
    park = plant(static_site(32, [charger("a")]), "a")
    park.phase_counts = {"a": 1}
    park.run(120)
    park.phase_counts = {"a": 3}
    setpoint = park.run(30).setpoints["a"]
    assert setpoint.current == 32
    assert ReasonCode.PHASE_SWITCH_WAITS in codes(setpoint)
    park.run(400)
    assert park.cars["a"].terminals == 3


def test_an_empty_connector_is_switched_too() -> None:
    park = plant(static_site(32, [charger("a")]), "a")
    park.cars["a"].leave()
    park.phase_counts = {"a": 1}
    setpoint = park.run(5).setpoints["a"]
    assert codes(setpoint)[0] is ReasonCode.NO_CAR
    park.run(60)
    assert park.cars["a"].terminals == 1


def test_a_silent_charger_that_charges_is_not_at_rest() -> None:
    park = plant(static_site(32, [charger("a")]), "a")
    park.cars["a"].silent = True
    park.run(30)
    park.phase_counts = {"a": 1}
    park.run(200)
    assert park.cars["a"].terminals == 3
    assert ReasonCode.PHASE_SWITCH_WAITS in codes(park.decision.setpoints["a"])


def test_a_restart_keeps_what_was_told() -> None:
    park = plant(static_site(32, [charger("a")]), "a", shows=False)
    park.phase_counts = {"a": 1}
    park.run(120)
    park.restart_as_it_is()
    park.run(600)
    assert park.setpoints()["a"] == 32
    assert len(park.controller.state.connectors["a"].wear.switches) == 1


def test_a_refusal_counts_also_when_it_comes_late() -> None:
    switch = PhaseSwitch(told=1)
    seen = PhasesSeen(wanted=1, failed=True)
    switch.follow(seen, Wear(), WearPolicy(), START)
    assert (switch.told, switch.failures, switch.holds) == (None, 1, False)


def reading(drawn: PerPhase | None, phase_count: int | None = 1) -> ConnectorReading:
    return ConnectorReading(
        online=True, drawn=drawn, drawn_at=START, per_phase=True, phase_count=phase_count
    )


def test_what_a_charger_says_counts_until_a_current_speaks_against_it() -> None:
    use = PhaseUse()
    use.learn(reading(None), Wiring.TRI312)
    assert use.phases(Wiring.TRI312) == (2,)
    use.learn(reading(PerPhase(10, 0.2, 0.2)), Wiring.TRI312)
    assert use.phases(Wiring.TRI312) == (2,)
    use.learn(reading(PerPhase(10, 10, 10)), Wiring.TRI312)
    assert use.phases(Wiring.TRI312) == (2, 0, 1)
    use.learn(reading(PerPhase(0, 0, 0)), Wiring.TRI312)
    assert use.phases(Wiring.TRI312) == (2, 0, 1), "it has been caught"
    use.learn(reading(PerPhase(0, 0, 0), 3), Wiring.TRI312)
    use.learn(reading(PerPhase(0, 0, 0), 1), Wiring.TRI312)
    assert use.phases(Wiring.TRI312) == (2,)


def test_a_sum_of_currents_is_no_proof_of_phases() -> None:
    use, car = PhaseUse(), Car(charger("a").connectors[0], phase_count=1)
    car.drawn = 10
    car.measure(START)
    use.learn(car.reading(), Wiring.TRI123)
    assert use.phases(Wiring.TRI123) == (0,)
