"""Guards of import within the engine: what cars get, why, and what the meter shows then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.headroom.engine.controller import SiteController
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.grid.excursion import ImportScheme, SchemeMemory
from custom_components.headroom.engine.grid.guards import imported
from custom_components.headroom.engine.grid.memory import GuardMemory
from custom_components.headroom.engine.grid.peak import PeakMemory, PeakPolicy
from custom_components.headroom.engine.grid.standing import SchemeState
from custom_components.headroom.engine.memory.state import ControllerState
from custom_components.headroom.engine.site.model import Rules, Site
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorStatus, MeterReading
from tests.engine.plant import START, Plant, charger, dynamic_site


def guarded(rules: Rules, wiring: Wiring = Wiring.MONO1, limit: float = 25.0) -> Site:
    return replace(dynamic_site(limit, [charger("a", wiring=wiring)]), rules=rules)


def peaks(target: float, **policy: object) -> Rules:
    return Rules(peaks={"z": PeakPolicy(target=target, follow=False, **policy)})  # type: ignore[arg-type] # any of its fields


def codes(plant: Plant) -> list[ReasonCode]:
    return [reason.code for reason in plant.decision.setpoints["a"].reasons]


def binding(plant: Plant) -> str:
    """Return what binds the zone most, as people see it."""
    return plant.decision.zones["z"].reasons[0][0].code.value


@pytest.mark.parametrize(
    ("reading", "netting", "power"),
    [
        ({"currents": PerPhase(10, -4, 1), "power": 1234.0}, True, 1234.0),
        ({"currents": PerPhase(10, -4, 1), "power": 1234.0}, False, 11 * 230),
        ({"currents": PerPhase(10, -4, 1)}, True, 7 * 230),
        ({"currents": PerPhase(10, -4, 1), "voltages": PerPhase.same(240)}, True, 7 * 240),
        ({"currents": PerPhase(1, -4, 1)}, True, 0.0),
        ({"currents": PerPhase(1, 1, 1), "power": -50.0}, True, 0.0),
    ],
    ids=str,
)
def test_what_is_imported(reading: dict[str, object], netting: bool, power: float) -> None:
    shown = MeterReading(at=START, **reading)  # type: ignore[arg-type] # any of its fields
    assert imported(shown, netting=netting) == pytest.approx(power)


def test_a_car_uses_what_a_quarter_has_left_and_no_quarter_exceeds_its_target() -> None:
    """A house of 0.7 kW with a kettle now and then; a car on one phase; 4 kW for four hours."""
    plant = Plant(guarded(peaks(4000.0)), tick=1.0)
    used, quarters = 0.0, []
    for second in range(1, 4 * 3600 + 1):
        kettle = 9.0 if second % 1300 < 100 else 0.0
        plant.house = PerPhase(1.0, 1.0, 1.0 + kettle)
        plant.run(1)
        used += sum(plant.true_current()) * 230
        if second % 900 == 0:
            quarters.append(used / (4000 * 900))
            used = 0.0
    assert max(quarters) <= 1
    assert sum(quarters[1:]) / len(quarters[1:]) >= 0.98
    assert plant.decision.guards.peaks["z"].month_peak <= 4000
    kettles = 4 * 3600 // 1300
    assert plant.controller.state.connectors["a"].wear.stops <= kettles


@pytest.mark.parametrize(("house", "stays"), [(1.0, True), (6.0, False)])
def test_a_car_comes_down_before_a_quarter_that_other_loads_will_fill(
    house: float, stays: bool
) -> None:
    """A quarter of which much is left ends; the house takes 0.7 kW or 4.1 kW of 4 kW."""
    plant = Plant(guarded(peaks(4000.0)), tick=1.0)
    plant.paused = frozenset({"a"})
    plant.run(780)
    plant.paused = frozenset()
    plant.run(80)
    assert plant.setpoints()["a"] > 20
    plant.house = PerPhase.same(house)
    plant.run(32)
    assert (plant.setpoints()["a"] > 10) is stays


def test_a_guarded_car_is_told_why_and_until_when() -> None:
    plant = Plant(guarded(peaks(2500.0)), tick=1.0)
    plant.run(120)
    reason = next(
        reason
        for reason in plant.decision.setpoints["a"].reasons
        if reason.code is ReasonCode.PEAK_GUARD
    )
    assert reason.until == plant.decision.guards.peaks["z"].until


def test_a_person_sets_another_target() -> None:
    plant = Plant(guarded(peaks(2500.0)), tick=1.0)
    plant.peak_targets = {"z": 5000.0}
    plant.run(60)
    assert plant.decision.guards.peaks["z"].allowed == 5000


def test_a_silent_meter_leaves_the_guard_on_the_safe_side() -> None:
    plant = Plant(guarded(peaks(2500.0)), tick=1.0)
    plant.run(60)
    before = plant.decision.guards.peaks["z"].average
    plant.metered = False
    plant.run(60)
    assert plant.setpoints() == {"a": 0.0}
    assert plant.decision.guards.peaks["z"].average > before


def test_a_phase_that_is_not_measured_is_silence() -> None:
    plant = Plant(guarded(peaks(2500.0)), tick=1.0)
    plant.lost = frozenset({1})
    plant.run(60)
    assert plant.controller.state.guards.peaks["z"].power is None


def test_an_import_limit_holds_and_cars_stop_while_it_is_exceeded() -> None:
    rules = Rules(schemes={"z": ImportScheme(import_limit=20.0)})
    plant = Plant(guarded(rules, Wiring.TRI123), tick=1.0)
    plant.run(120)
    assert plant.true_current()[0] == pytest.approx(19.7, abs=0.4)
    assert ReasonCode.G100_LIMIT in codes(plant)
    assert plant.decision.guards.schemes == {"z": SchemeState.NORMAL}

    plant.house = PerPhase.same(20.5)
    plant.run(10)
    assert plant.setpoints() == {"a": 0.0}
    assert binding(plant) == "g100_excursion"
    plant.run(60)
    assert plant.decision.guards.schemes == {"z": SchemeState.LOCKOUT}
    plant.house = PerPhase()
    plant.run(60)
    assert plant.setpoints() == {"a": 0.0}
    assert binding(plant) == "g100_lockout"

    plant.controller.state.guards.schemes["z"].reset(by_installer=False)
    plant.run(120)
    assert plant.setpoints()["a"] > 0


def test_cars_stop_while_an_agreed_import_is_not_measured() -> None:
    rules = Rules(schemes={"z": ImportScheme(import_limit=20.0)})
    site = guarded(rules)
    plant = Plant(replace(site, zones=(replace(site.zones[0], degraded=16.0),)), tick=1.0)
    plant.run(60)
    plant.metered = False
    plant.run(10)
    assert plant.setpoints() == {"a": 0.0}
    assert binding(plant) == "g100_unmeasured"


def test_a_slow_meter_shows_excursions_all_the_same() -> None:
    """Its readings count for 20 s and come every 40 s."""
    rules = Rules(schemes={"z": ImportScheme(import_limit=20.0)})
    site = guarded(rules)
    meter = replace(site.meters[0], max_age=timedelta(seconds=20))
    plant = Plant(replace(site, meters=(meter,)), tick=1.0)
    plant.run(60)
    plant.house, plant.meter_period = PerPhase.same(20.5), 40.0
    plant.run(150)
    assert plant.decision.guards.schemes == {"z": SchemeState.LOCKOUT}


def test_guards_remember_across_a_restart_and_forget_zones_that_are_gone() -> None:
    rules = Rules(
        peaks={"z": PeakPolicy(), "gone": PeakPolicy()},
        schemes={"z": ImportScheme(import_limit=20.0), "gone": ImportScheme(import_limit=20.0)},
    )
    plant = Plant(guarded(rules), tick=1.0)
    plant.run(100)
    stored = plant.controller.state.to_json()
    again = ControllerState.from_json(stored)
    assert again.guards.to_json() == plant.controller.state.guards.to_json()
    assert set(again.guards.peaks) == set(again.guards.schemes) == {"z"}
    SiteController(Site(), again)
    assert again.guards == GuardMemory()

    older = {key: value for key, value in stored.items() if key != "guards"}
    assert ControllerState.from_json(older).guards == GuardMemory()


def test_a_guard_that_cannot_be_read_loses_no_other() -> None:
    """Of a scheme nothing is known then, so cars wait for a person."""
    when = datetime(2026, 6, 21, 12, tzinfo=UTC)
    kept = GuardMemory(
        peaks={"left": PeakMemory(month="2026-06", month_peak=4000.0), "right": PeakMemory()},
        schemes={"left": SchemeMemory(excursions=(when,)), "right": SchemeMemory()},
    )
    stored: Any = kept.to_json()
    stored["peaks"]["right"]["measured"] = "much"
    del stored["schemes"]["right"]["lockouts"]
    read = GuardMemory.from_json(stored)
    assert read.peaks == {"left": kept.peaks["left"]}
    assert read.schemes["left"].excursions == (when,)
    assert read.schemes["right"].state is SchemeState.LOCKOUT
    assert read.unreadable == {"right"}


def test_an_hour_off_is_no_measured_peak() -> None:
    plant = Plant(guarded(peaks(2500.0)), tick=1.0)
    plant.run(60)
    plant.now += timedelta(hours=1)
    plant.run(1)
    assert plant.decision.guards.peaks["z"].month_peak < 2500


def test_a_car_at_its_floor_goes_on_while_another_one_begins_beside_it() -> None:
    """It draws 0.05 A above its setpoint; the other one waits for what the quarter saves."""
    both = [charger("a"), charger("b", wiring=Wiring.MONO1)]
    plant = Plant(replace(dynamic_site(25.0, both), rules=peaks(5000.0)), tick=1.0)
    plant.cars["a"].wants, plant.cars["a"].lead = 6.0, 0.05
    plant.cars["b"].status = ConnectorStatus.AVAILABLE
    plant.run(120)
    assert plant.setpoints()["a"] >= 6
    plant.cars["b"].status = ConnectorStatus.CHARGING
    plant.run(730)
    assert min(plant.setpoints().values()) >= 6
    assert plant.controller.state.connectors["a"].wear.stops == 0
