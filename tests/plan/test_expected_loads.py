"""What a site draws beside its cars, learnt from what its zones show."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from unittest.mock import patch

import pytest
from homeassistant.util import dt as dt_util

from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import ZoneState
from custom_components.headroom.plan.expected_loads import sample_loads
from custom_components.headroom.plan.loads import Loads
from custom_components.headroom.power_flows import PowerFlows

NOW = datetime(2026, 3, 10, 21, tzinfo=UTC)
MODULE = "custom_components.headroom.plan.expected_loads"


@dataclass
class Site:
    """As much of a site as is looked at."""

    zones: dict[str, ZoneState] = field(default_factory=dict)

    @property
    def data(self) -> Site:
        return self

    @property
    def decision(self) -> Site:
        return self


def zone(measured: PerPhase | None, *, degraded: bool = False) -> ZoneState:
    return ZoneState(
        limit=PerPhase.same(32),
        measured=measured,
        budget=PerPhase(),
        drawn=PerPhase.same(10),
        committed=PerPhase(),
        headroom=PerPhase(),
        degraded=degraded,
        reasons=((), (), ()),
    )


@pytest.mark.parametrize(("house", "expected"), [(800.0, 800.0), (-50.0, 0.0), (None, None)])
def test_other_loads_are_what_is_measured_less_the_cars(
    house: float | None, expected: float | None
) -> None:
    zones = {
        "known": zone(PerPhase(15, 10, 4)),
        "without a meter": zone(None),
        "silent": zone(PerPhase(15, 10, 4), degraded=True),
    }
    loads = Loads()
    flows = PowerFlows(grid=None, solar=None, battery=None, house=house)
    with (
        patch(f"{MODULE}.power_flows", return_value=flows),
        patch(f"{MODULE}.dt_util.utcnow", return_value=NOW),
    ):
        sample_loads(cast("SiteCoordinator", cast("Any", Site(zones))), loads)
    zone_time = dt_util.get_default_time_zone()
    assert loads.zones.keys() == {"known"}
    assert [profile.expected(NOW, zone_time) for profile in loads.zones["known"]] == [5, 0, -6]
    assert loads.house.expected(NOW, zone_time) == expected
