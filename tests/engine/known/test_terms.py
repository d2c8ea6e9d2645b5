"""Limits from outside, whatever they count: none of them ever gives more."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.inputs import Ask, Inputs, LimitUnit, Reach, ZoneLimit
from custom_components.headroom.engine.known.limits import Budget, budget_of
from custom_components.headroom.engine.known.other_loads import OtherLoads
from custom_components.headroom.engine.site.model import Meter, Supply, Zone
from custom_components.headroom.engine.snapshot import MeterReading, Snapshot
from custom_components.headroom.engine.tuning import Tuning

START = datetime(2026, 6, 21, 12, tzinfo=UTC)
METER = Meter(id="m", zone="z")

currents = st.floats(-60, 60)
phases = st.builds(PerPhase, currents, currents, currents)
watts = st.builds(
    ZoneLimit,
    zone=st.just("z"),
    ask=st.builds(Ask, st.floats(0, 30_000), st.booleans()),
    unit=st.sampled_from((LimitUnit.WATTS, LimitUnit.NOMINAL_WATTS)),
    reach=st.sampled_from(Reach),
)
amperes = st.builds(
    ZoneLimit,
    zone=st.just("z"),
    ask=st.builds(Ask, st.floats(0, 50), st.booleans()),
    reach=st.sampled_from((Reach.EVERYTHING, Reach.EVS)),
)
limits = watts | amperes
zones = st.builds(
    Zone,
    id=st.just("z"),
    limit=st.just(PerPhase(40, 40, 0)) | st.just(PerPhase.same(25)),
    supply=st.sampled_from(Supply),
    degraded=st.floats(0, 20),
)
readings = st.none() | st.builds(
    MeterReading,
    currents=phases,
    at=st.just(START),
    lost=st.frozensets(st.sampled_from(PHASES), max_size=2),
    voltages=st.none() | st.just(PerPhase(240, 220, 0)),
)


def budget(zone: Zone, reading: MeterReading | None, asked: tuple[ZoneLimit, ...]) -> Budget:
    """Return the budget after a meter has shown the same for a while."""
    history, result = OtherLoads(), None
    for second in range(30):
        now = START + timedelta(seconds=second)
        seen = {} if reading is None else {"m": reading}
        meters = {key: MeterReading(**shown(one, now)) for key, one in seen.items()}  # type: ignore[arg-type] # its fields
        snapshot = Snapshot(now=now, meters=meters, inputs=Inputs(limits=asked))
        result = budget_of(zone, METER, snapshot, [], history=history, tuning=Tuning())
    assert result is not None
    return result


def shown(reading: MeterReading, now: datetime) -> dict[str, object]:
    return {
        "currents": reading.currents.without(reading.lost),
        "at": now,
        "lost": reading.lost,
        "voltages": reading.voltages,
    }


@pytest.mark.parametrize("reach", [Reach.SUM, Reach.EVS_FROM_GRID])
def test_currents_are_not_added_up(reach: Reach) -> None:
    with pytest.raises(ValueError, match=reach):
        ZoneLimit(zone="z", ask=Ask(10.0), reach=reach)


@given(zones, readings, st.lists(limits, max_size=3), limits)
def test_a_limit_more_never_raises_a_budget(
    zone: Zone, reading: MeterReading | None, asked: list[ZoneLimit], more: ZoneLimit
) -> None:
    before = budget(zone, reading, tuple(asked))
    after = budget(zone, reading, (*asked, more))
    for name in ("limit", "now", "keep", "aim", "grow", "cap"):
        was, is_ = getattr(before, name), getattr(after, name)
        assert all(0 <= is_[phase] <= was[phase] for phase in PHASES), name
