"""The controller against arbitrary histories: what may never happen, whatever happens."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.model import Meter, Site, Supply, Zone
from custom_components.headroom.engine.snapshot import ConnectorStatus
from custom_components.headroom.engine.state import ControllerState
from custom_components.headroom.engine.wiring import Wiring

from .plant import Plant, charger

NAMES = ("a", "b", "c", "d", "e")
LONGEST_OVERLOAD = 20.0
"""Seconds: a command's lag, the slowest ramp, and the settling time for what nobody measured."""


def car_park() -> Site:
    """Return two static boards below a metered main board."""
    return Site(
        zones=(
            Zone(id="main", limit=PerPhase(63, 50, 40), supply=Supply.DYNAMIC),
            Zone(id="garage", parent="main", limit=PerPhase.same(32)),
            Zone(id="yard", parent="main", limit=PerPhase(25, 20, 16)),
        ),
        meters=(Meter(id="m", zone="main"),),
        chargers=(
            charger("a", "garage"),
            charger("b", "garage", Wiring.TRI231),
            charger("c", "garage", Wiring.MONO2, step=1.0),
            charger("d", "yard", Wiring.TRI312, floor=8.0),
            charger("e", "yard", Wiring.MONO1, max_current=16.0),
        ),
    )


class CarPark(RuleBasedStateMachine):
    """Cars come and go, the house steps, meters and chargers fall silent, people intervene."""

    @initialize()
    def build(self) -> None:
        self.plant = Plant(car_park())
        self.overload = 0.0
        for car in self.plant.cars.values():
            car.status = ConnectorStatus.AVAILABLE

    @rule(name=st.sampled_from(NAMES), wants=st.sampled_from([6.0, 10.0, 16.0, 32.0]))
    def arrive(self, name: str, wants: float) -> None:
        car = self.plant.cars[name]
        car.status, car.wants = ConnectorStatus.CHARGING, wants

    @rule(name=st.sampled_from(NAMES))
    def leave(self, name: str) -> None:
        self.plant.cars[name].status = ConnectorStatus.AVAILABLE
        self.plant.cars[name].drawn = 0.0

    @rule(name=st.sampled_from(NAMES))
    def suspend(self, name: str) -> None:
        if self.plant.cars[name].status is ConnectorStatus.CHARGING:
            self.plant.cars[name].status = ConnectorStatus.SUSPENDED_EV

    @rule(house=st.tuples(*[st.integers(-20, 60)] * 3))
    def step_house(self, house: tuple[int, int, int]) -> None:
        self.plant.house = PerPhase(*house)

    @rule(metered=st.booleans())
    def toggle_meter(self, *, metered: bool) -> None:
        self.plant.metered = metered

    @rule(name=st.sampled_from(NAMES))
    def lose_charger(self, name: str) -> None:
        if self.plant.cars[name].online:
            self.plant.cars[name].lose(self.plant.now)

    @rule(name=st.sampled_from(NAMES))
    def regain_charger(self, name: str) -> None:
        self.plant.cars[name].come_back()

    @rule(name=st.sampled_from(NAMES), lag=st.sampled_from([0.0, 1.0, 4.0]))
    def change_lag(self, name: str, lag: float) -> None:
        self.plant.cars[name].lag = lag

    @rule(telemetry=st.sampled_from([0.0, 5.0, 15.0]), period=st.sampled_from([0.5, 2.0]))
    def change_measuring(self, telemetry: float, period: float) -> None:
        self.plant.telemetry, self.plant.meter_period = telemetry, period

    @rule(limit=st.sampled_from([None, 0.0, 10.0, 20.0]))
    def limit_zone(self, limit: float | None) -> None:
        self.plant.zone_limits = {} if limit is None else {"garage": limit}

    @rule(paused=st.frozensets(st.sampled_from(NAMES), max_size=2))
    def pause(self, paused: frozenset[str]) -> None:
        self.plant.paused = paused

    @rule()
    def restart(self) -> None:
        stored = ControllerState.from_json(self.plant.controller.state.to_json())
        controller = type(self.plant.controller)
        self.plant.controller = controller(self.plant.site, stored)

    @rule(ticks=st.integers(1, 60))
    def pass_time(self, ticks: int) -> None:
        for _ in range(ticks):
            before = self.plant.setpoints()
            self.plant.run(self.plant.tick)
            self.check_setpoints()
            self.check_static_boards()
            self.check_raises(before)
            self.check_overload()

    def check_setpoints(self) -> None:
        for key, current in self.plant.setpoints().items():
            connector = self.plant.site.connector_by_id[key]
            assert current == 0 or connector.floor <= current <= connector.max_current
            assert self.plant.decision.setpoints[key].reasons

    def check_static_boards(self) -> None:
        """What is commanded never exceeds a board's limit."""
        for zone in ("garage", "yard"):
            total = PerPhase()
            for key, current in self.plant.setpoints().items():
                if self.plant.site.zone_of[key] == zone and self.plant.cars[key].online:
                    wiring = self.plant.site.connector_by_id[key].wiring
                    total += PerPhase.on(wiring.phases, current)
            limit = self.plant.decision.zones[zone].limit
            assert all(total[phase] <= limit[phase] + 1e-6 for phase in PHASES)

    def check_raises(self, before: dict[str, float]) -> None:
        """Nothing is raised unless the worst case of everybody fits."""
        for key, current in self.plant.setpoints().items():
            if current <= before.get(key, 0.0):
                continue
            phases = self.plant.site.connector_by_id[key].wiring.phases
            for zone in self.plant.site.path(self.plant.site.zone_of[key]):
                state = self.plant.decision.zones[zone]
                assert all(state.committed[p] <= state.budget[p] + 1e-6 for p in phases)

    def check_overload(self) -> None:
        """What EVs could avoid of an overload never outlasts their own reaction."""
        plant = self.plant
        limit = plant.site.zone_by_id["main"].limit
        avoidable = any(
            current > most + 0.5 and house < most
            for current, most, house in zip(plant.true_current(), limit, plant.house, strict=True)
        )
        everyone_listens = all(car.online for car in plant.cars.values())
        self.overload = self.overload + plant.tick if avoidable and everyone_listens else 0.0
        assert self.overload <= LONGEST_OVERLOAD

    @invariant()
    def boards_hold(self) -> None:
        """The true current of a board without other loads stays within its installed limit."""
        for zone in ("garage", "yard"):
            total = PerPhase()
            for key, car in self.plant.cars.items():
                if self.plant.site.zone_of[key] == zone:
                    total += PerPhase.on(car.connector.wiring.phases, car.drawn)
            limit = self.plant.site.zone_by_id[zone].limit
            assert all(total[phase] <= limit[phase] + 1e-6 for phase in PHASES)


TestCarPark = CarPark.TestCase
TestCarPark.settings = settings(deadline=None, stateful_step_count=40)
