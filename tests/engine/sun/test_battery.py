"""What the house battery takes from cars, and what it gives them."""

from dataclasses import dataclass
from datetime import timedelta
from math import inf
from typing import override

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import Decision, ReasonCode
from custom_components.headroom.engine.known.power import NOMINAL_VOLTAGE
from custom_components.headroom.engine.site.model import (
    Meter,
    MeterRole,
    Rules,
    Site,
    Supply,
    Zone,
)
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import MeterReading, Snapshot
from custom_components.headroom.engine.sun.battery import left_to_cars
from custom_components.headroom.engine.sun.rules import (
    BatteryPolicy,
    BatteryRules,
    Eater,
    Metering,
    SunRules,
)
from custom_components.headroom.engine.when.off_peak import ClockRules, WeekendRule
from custom_components.headroom.engine.when.permit import SunMode
from custom_components.headroom.engine.when.planned import PlannedQuarter

from ..plant import Plant, charger


@dataclass
class Battery:
    """A house battery that keeps the grid at nothing as far as it can; A on L1."""

    most_in: float = 10.0
    most_out: float = 10.0
    held: bool = False

    def answer(self, surplus: float) -> float:
        """Return what it is charged with when so much is left over; below 0 it gives."""
        return min(self.most_in, max(0.0 if self.held else -self.most_out, surplus))


class BatteryPlant(Plant):
    """A plant with a house battery and a car on one phase."""

    battery = Battery()
    surplus = 0.0
    hears_battery = True

    @override
    def snapshot(self) -> Snapshot:
        """Return what the controller gets to see, with the battery at work."""
        draws = sum(car.drawn for car in self.cars.values())
        taken = self.battery.answer(self.surplus - draws)
        grid = PerPhase(taken + draws - self.surplus)
        self.metering = {"m": MeterReading(currents=grid, at=self.now)}
        if self.hears_battery:
            self.metering["b"] = MeterReading(currents=PerPhase(taken), at=self.now)
        return super().snapshot()

    def shine(self, surplus: float, seconds: float) -> float:
        """Let the sun leave that much to battery and car, in A; return the car's setpoint."""
        self.surplus = surplus
        return self.run(seconds).setpoints["a"].current


def plant(
    rules: BatteryRules,
    mode: SunMode = SunMode.SUN_ONLY,
    charge: float | None = None,
    metering: Metering = Metering.TOGETHER,
    clock: ClockRules | None = None,
) -> BatteryPlant:
    site = Site(
        zones=(Zone(id="z", limit=PerPhase.same(63), supply=Supply.DYNAMIC),),
        meters=(Meter(id="m", zone="z"), Meter(id="b", zone="z", role=MeterRole.BATTERY)),
        chargers=(charger("a", wiring=Wiring.MONO1),),
        rules=Rules(sun=SunRules(battery=rules, metering=metering), clock=clock or ClockRules()),
    )
    plant = BatteryPlant(site, tick=1.0)
    plant.battery = Battery()
    plant.sun_modes = {"a": mode}
    plant.battery_charge = charge
    return plant


def code(decision: Decision) -> ReasonCode:
    return decision.setpoints["a"].reasons[0].code


@pytest.mark.parametrize(
    ("policy", "charge", "part"),
    [
        (BatteryPolicy.BATTERY_FIRST, 100.0, 0.0),
        (BatteryPolicy.CAR_FIRST, None, 1.0),
        (BatteryPolicy.BY_CHARGE, None, 0.0),
        (BatteryPolicy.BY_CHARGE, 50.0, 0.0),
        (BatteryPolicy.BY_CHARGE, 65.0, 0.5),
        (BatteryPolicy.BY_CHARGE, 80.0, 1.0),
        (BatteryPolicy.BY_CHARGE, 100.0, 1.0),
    ],
)
def test_what_a_policy_leaves_to_cars(
    policy: BatteryPolicy, charge: float | None, part: float
) -> None:
    assert left_to_cars(BatteryRules(policy=policy), charge) == part


@pytest.mark.parametrize(
    ("policy", "current"), [(BatteryPolicy.BATTERY_FIRST, 12), (BatteryPolicy.CAR_FIRST, 22)]
)
def test_who_comes_first_has_what_it_can_take(policy: BatteryPolicy, current: float) -> None:
    site = plant(BatteryRules(policy=policy))
    assert site.shine(22, 300) == pytest.approx(current, abs=0.3)


def test_a_battery_is_not_discharged_into_a_car() -> None:
    site = plant(BatteryRules(policy=BatteryPolicy.CAR_FIRST))
    site.shine(15, 300)
    assert site.shine(8, 60) == pytest.approx(8, abs=0.3)
    assert site.shine(0, 60) == 6
    assert site.shine(0, 200) == 0


def test_what_nobody_knows_of_the_charge_counts_as_empty() -> None:
    site = plant(BatteryRules(policy=BatteryPolicy.BY_CHARGE))
    assert site.shine(10, 200) == 0
    assert code(site.decision) is ReasonCode.BATTERY_CHARGE_UNKNOWN
    site.battery_charge = 90
    assert site.shine(10, 200) == pytest.approx(10, abs=0.3)


def test_a_battery_whose_meter_is_silent_may_hide_anything() -> None:
    site = plant(BatteryRules(policy=BatteryPolicy.CAR_FIRST))
    site.hears_battery = False
    assert site.shine(20, 200) == 0
    assert code(site.decision) is ReasonCode.SUN_UNKNOWN


FEEDS = BatteryRules(
    policy=BatteryPolicy.CAR_FIRST,
    feed_power=8 * NOMINAL_VOLTAGE,
    feeds=frozenset({Eater.SUN_ONLY}),
)


@pytest.mark.parametrize("metering", Metering)
def test_a_full_battery_feeds_cars_that_it_may_feed(metering: Metering) -> None:
    site = plant(FEEDS, charge=95, metering=metering)
    feeds = 8 if metering is Metering.TOGETHER else 8 / 3
    assert site.shine(10, 300) == pytest.approx(10 + feeds, abs=0.5)
    site.battery_charge = 80
    assert site.shine(10, 60) == pytest.approx(10, abs=0.5)


def test_a_car_in_another_mode_is_not_fed() -> None:
    site = plant(FEEDS, SunMode.SUN_HYBRID, charge=95)
    assert site.shine(10, 300) == pytest.approx(10, abs=0.5)


def test_two_cars_of_which_one_is_fed() -> None:
    rules = SunRules(battery=FEEDS)
    site = BatteryPlant(
        Site(
            zones=(Zone(id="z", limit=PerPhase.same(63), supply=Supply.DYNAMIC),),
            meters=(Meter(id="m", zone="z"), Meter(id="b", zone="z", role=MeterRole.BATTERY)),
            chargers=tuple(charger(key, wiring=Wiring.MONO1) for key in "ab"),
            rules=Rules(sun=rules),
        ),
        tick=1.0,
    )
    site.sun_modes = {"a": SunMode.SUN_ONLY, "b": SunMode.SUN_HYBRID}
    site.battery_charge = 95
    site.shine(20, 400)
    assert site.setpoints() == pytest.approx({"a": 18, "b": 10}, abs=0.8)


def test_a_battery_that_does_not_feed_is_not_asked_again_for_a_while() -> None:
    site = plant(FEEDS, charge=95)
    site.battery.held = True
    imported = 0.0
    for _ in range(600):
        site.shine(10, 1)
        imported += max(0.0, site.metering["m"].currents.l1)
    assert imported < 8 * 120
    assert site.setpoints()["a"] == pytest.approx(10, abs=0.5)


@pytest.mark.parametrize(
    ("mode", "surplus", "forced", "holds"),
    [
        (SunMode.OFF, 0, False, True),
        (SunMode.MAX_HYBRID, 0, False, True),
        (SunMode.SUN_HYBRID, 3, False, True),
        (SunMode.SUN_HYBRID, 15, False, False),
        (SunMode.SUN_ONLY, 15, False, False),
        (SunMode.SUN_ONLY, 0, True, True),
    ],
)
def test_the_battery_is_held_while_cars_charge_from_the_grid_that_it_may_not_feed(
    mode: SunMode, surplus: float, forced: bool, holds: bool
) -> None:
    site = plant(BatteryRules(policy=BatteryPolicy.CAR_FIRST), mode)
    site.forced = frozenset({"a"} if forced else ())
    site.shine(surplus, 300)
    assert site.decision.sun.holds_battery is holds


def test_a_battery_that_may_feed_is_not_held() -> None:
    site = plant(BatteryRules(feeds=frozenset({Eater.OTHERS})), SunMode.OFF, charge=95)
    site.shine(0, 60)
    assert not site.decision.sun.holds_battery
    site.battery_charge = 50
    site.shine(0, 1)
    assert site.decision.sun.holds_battery


def test_outside_the_cheap_hours_the_random_delay_passes_once_and_the_sun_charges() -> None:
    site = plant(BatteryRules(policy=BatteryPolicy.CAR_FIRST))
    night = site.now.time().replace(hour=(site.now.hour + 6) % 24, minute=0)
    clock = ClockRules(
        windows=((night, night.replace(minute=30)),),
        weekend=WeekendRule.AS_WEEKDAYS,
        longest_delay=timedelta(minutes=10),
    )
    site = plant(BatteryRules(policy=BatteryPolicy.CAR_FIRST), clock=clock)
    site.off_peak = frozenset({"a"})
    assert site.shine(15, 100) == 0
    assert code(site.decision) is ReasonCode.RANDOM_DELAY
    assert site.shine(15, 900) == pytest.approx(15, abs=0.5)


def test_a_planned_car_that_follows_the_sun_is_no_reason_to_let_the_battery_go() -> None:
    site = plant(BatteryRules(policy=BatteryPolicy.CAR_FIRST), SunMode.SUN_ONLY)
    site.plans = {"a": PlannedQuarter(current=inf, expires=site.now + timedelta(hours=1))}
    site.shine(0, 300)
    assert site.decision.sun.holds_battery
