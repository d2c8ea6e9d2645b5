"""Which sessions a tapped badge fits."""

from datetime import UTC, datetime

import pytest

from custom_components.headroom.chargers.base import ConnectorData, Session
from custom_components.headroom.chargers.ocpp.station import OcppStation
from custom_components.headroom.chargers.ocpp.taps import Taps

from .charge_point import ScriptedChargePoint

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
FREE = ConnectorData()


def charging(badge: str | None) -> ConnectorData:
    return ConnectorData(session=Session(id="1", badge=badge, started_at=NOON))


@pytest.mark.parametrize("badge", [None, "AUTO"])
def test_any_badge_fits_a_session_that_none_has_begun(badge: str | None) -> None:
    taps = Taps()
    taps.note("CAFE", {1: charging(badge), 2: FREE})
    assert list(taps.take()) == [{1}]


def test_one_badge_alone_fits_the_session_that_it_has_begun() -> None:
    taps = Taps()
    taps.note("CAFE", {1: FREE, 2: charging("AUTO")})
    taps.note("BEEF", {1: charging("CAFE"), 2: charging("AUTO")})
    taps.note("cafe", {1: charging("CAFE"), 2: FREE})
    assert list(taps.take()) == [{2}, {2}, {1}]


def test_what_a_charger_asks_for_by_itself_is_no_tap() -> None:
    taps = Taps()
    taps.note("HOMEASSISTANT", {1: charging("HOMEASSISTANT")})
    assert list(taps.take()) == []
    taps.note("CAFE", {1: charging("HOMEASSISTANT")})
    assert list(taps.take()) == [{1}]


def test_a_tap_is_told_once_and_not_for_ever() -> None:
    taps = Taps()
    for _ in range(20):
        taps.note("CAFE", {1: charging(None)})
    assert len(taps.take()) < 20
    assert list(taps.take()) == []


async def test_a_station_tells_of_badges_that_are_held_against_it(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    heard: list[bool] = []
    station.subscribe(lambda: heard.append(True))
    await charge_point.call("Authorize", {"idTag": "CAFE"})
    assert heard
    assert list(station.take_taps()) == [frozenset()]
    start = {"connectorId": 1, "idTag": "CAFE", "meterStart": 0, "timestamp": NOON.isoformat()}
    await charge_point.call("StartTransaction", start)
    await charge_point.call("Authorize", {"idTag": "CAFE"})
    await charge_point.call("Authorize", {"idTag": "BEEF"})
    assert list(station.take_taps()) == [{1}, frozenset()]
