"""Where power comes from and goes to, from what meters with roles show."""

from datetime import UTC, datetime

import pytest

from custom_components.headroom.chargers.base import ConnectorData
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.site.model import Meter, MeterRole, Site, Zone
from custom_components.headroom.meters.base import MeterData
from custom_components.headroom.power_flows import PowerFlows, power_drawn, power_of

ZONES = (
    Zone(id="main", limit=PerPhase.same(63)),
    Zone(id="sub", limit=PerPhase.same(32), parent="main"),
)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
NOTHING = {"grid": None, "solar": None, "battery": None, "house": None}


def flows(
    shown: dict[str, float | None], *, sub: bool = False, chargers: float = 0.0
) -> dict[str, float | None]:
    """Return the flows of meters that are called as their role and a number."""
    zone = "sub" if sub else "main"
    meters = tuple(Meter(id=key, zone=zone, role=MeterRole(key.rstrip("12"))) for key in shown)
    found = PowerFlows.of(Site(zones=ZONES, meters=meters), lambda meter: shown[meter.id], chargers)
    return {name: getattr(found, name) for name in NOTHING}


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({}, NOTHING),
        ({"supply": 3000}, {"grid": 3000, "house": 2000}),
        ({"supply": None}, {}),
        ({"supply": -500, "solar": -4000}, {"grid": -500, "solar": 4000, "house": 2500}),
        ({"supply": 3000, "solar": None}, {"grid": 3000}),
        (
            {"supply": 100, "solar1": -4000, "solar2": -1000, "battery": 1500},
            {"grid": 100, "solar": 5000, "battery": 1500, "house": 2600},
        ),
        (
            {"supply": 100, "solar1": -4000, "solar2": None, "battery": -1500},
            {"grid": 100, "battery": -1500},
        ),
        ({"house": 3000, "solar": -1200}, {"grid": 1800, "solar": 1200, "house": 2000}),
        ({"house": 3000, "solar": None}, {}),
        ({"house": 3000}, {"grid": 3000, "house": 2000}),
        ({"outlet": 300, "solar": -1200}, {"solar": 1200}),
    ],
    ids=str,
)
def test_flows(shown: dict[str, float | None], expected: dict[str, float]) -> None:
    assert flows(shown, chargers=1000.0) == NOTHING | expected


def test_only_zones_at_the_grid_tell_of_it() -> None:
    assert flows({"supply": 3000}, sub=True) == NOTHING


def test_a_power_that_is_not_measured_comes_from_currents() -> None:
    currents = PerPhase(10, -2, 0)
    assert power_of(MeterData(at=NOW, currents=currents, power=5.0)) == 5
    assert power_of(MeterData(at=NOW, currents=currents)) == 8 * 230
    measured = MeterData(at=NOW, currents=currents, voltages=PerPhase(240, 220, 0))
    assert power_of(measured) == 10 * 240 - 2 * 220
    assert power_of(MeterData(at=NOW, currents=currents, lost=frozenset({2}))) is None


def test_a_charger_that_measures_currents_alone_has_a_power_too() -> None:
    currents, voltages = PerPhase(10, 6, 0), PerPhase(240, 220, 0)
    assert power_drawn(ConnectorData()) is None
    assert power_drawn(ConnectorData(drawn=currents)) == 16 * 230
    assert power_drawn(ConnectorData(drawn=currents, voltages=voltages)) == 10 * 240 + 6 * 220
    assert power_drawn(ConnectorData(drawn=currents, power=5.0)) == 5
