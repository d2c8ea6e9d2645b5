"""What holds for any weather: how much comes from the grid, and how often cars stop."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.sharing.plan import Plan
from custom_components.headroom.engine.site.model import Connector, Zone
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.sun.phases import PhaseChoice
from custom_components.headroom.engine.sun.ration import Ration, Want
from custom_components.headroom.engine.sun.rules import Metering, SunRules

from ..plant import Plant, charger
from .sunny import plant

FLOOR = 6.0
STEP = 20.0
"""Seconds for which the sun stays the same."""
LAG = 25.0 * 32
"""A s that flow until a lower setpoint has had its effect, for each fall of the sun by 32 A."""
TOLERANCE = 0.25

SKY = st.lists(st.floats(0, 30), min_size=10, max_size=60)


def live_through(site: Plant, sky: list[float]) -> tuple[float, float, float]:
    """Return what came from the sun, from the grid, and by how much the sun fell, in A s on L1."""
    sun = grid = fall = 0.0
    for before, now in zip([0.0, *sky], sky, strict=False):
        fall += max(0.0, before - now)
        site.house = PerPhase(-now)
        for _ in range(round(STEP / site.tick)):
            site.run(site.tick)
            drawn = sum(car.drawn for car in site.cars.values())
            sun += min(now, drawn) * site.tick
            grid += max(0.0, drawn - now) * site.tick
    return sun, grid, fall


@settings(max_examples=25, deadline=None)
@given(SKY)
def test_what_the_grid_feeds_has_a_bound(sky: list[float]) -> None:
    rules = SunRules()
    site = plant(charger("a", wiring=Wiring.MONO1))
    site.tick = 2.0
    sun, grid, fall = live_through(site, sky)
    stops = site.controller.state.connectors["a"].wear.stops
    held = sum(2**number for number in range(min(stops, 3) + 1)) + 8 * max(0, stops - 3)
    allowance = FLOOR * rules.stop_delay.total_seconds() * held
    lag = fall / 32 * LAG
    assert grid <= allowance + sun / 20 + lag + TOLERANCE * STEP * len(sky)


@settings(max_examples=15, deadline=None)
@given(SKY)
def test_a_car_is_not_stopped_more_often_than_its_budget_allows(sky: list[float]) -> None:
    site = plant(
        charger("a", wiring=Wiring.MONO1),
        start_delay=timedelta(0),
        stop_delay=timedelta(0),
        min_run=timedelta(0),
    )
    site.tick = 2.0
    live_through(site, sky * 2)
    assert site.controller.state.connectors["a"].wear.stops <= 4


CARS = st.lists(
    st.tuples(
        st.sampled_from([1, 3]),
        st.floats(14, 32),
        st.integers(0, 3),
        st.integers(60, 140),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@given(CARS, st.floats(0, 60), st.floats(0, 60), st.floats(0, 60), st.sampled_from(Metering))
def test_shares_are_floors_or_more_and_never_more_than_the_surplus(
    cars: list[tuple[int, float, int, int, bool]],
    l1: float,
    l2: float,
    l3: float,
    metering: Metering,
) -> None:
    zone = Zone(id="z", limit=PerPhase.same(63))
    wants = [
        Want(
            connector=Connector(id=f"c{number}", floor=floor / 10),
            choice=PhaseChoice(now=(0, 1, 2)[:count]),
            automatic=False,
            cap=cap,
            priority=priority,
            rank=(number,),
            stands_back=stands_back,
            arrival=(number,),
        )
        for number, (count, cap, priority, floor, stands_back) in enumerate(cars)
    ]
    ration = Ration(Plan.flat(zone, [want.key for want in wants]), metering)
    room = ration.fold(PerPhase(l1, l2, l3))
    shares = ration.divide(room, {want: want.floor for want in wants})
    taken = PerPhase()
    for want in wants:
        share = shares[want.key]
        assert share == 0 or want.floor <= share <= want.cap
        taken += ration.taken(want.phases, share)
    assert all(used <= most + 1e-6 for used, most in zip(taken, room, strict=True))
