"""Which sessions a tapped badge fits."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.headroom.chargers.base import HOME_BADGE, NOBODY
from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.chargers.ocpp.station import OcppStation
from custom_components.headroom.chargers.ocpp.taps import Taps
from custom_components.headroom.chargers.ocpp.transactions import Transaction, TransactionLedger

from .charge_point import ScriptedChargePoint
from .conftest import PROFILE, Clock, Connect, settled
from .test_probe import settings

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def begun_by(badge: str | None, *, by_itself: bool = False) -> Transaction:
    return Transaction(
        id=1,
        station="CP1",
        connector=1,
        badge=badge,
        meter_start=0.0,
        started_at=NOON,
        timestamp=None,
        by_itself=by_itself,
    )


@pytest.mark.parametrize(
    ("transaction", "beside"),
    [
        (begun_by(NOBODY), None),
        (begun_by("AUTO", by_itself=True), None),
        (begun_by(HOME_BADGE), begun_by("BEEF")),
    ],
    ids=lambda transaction: str(transaction and transaction.badge),
)
def test_any_badge_fits_a_session_that_none_has_begun(
    transaction: Transaction, beside: Transaction | None
) -> None:
    taps = Taps()
    taps.note("CAFE", {1: transaction, 2: beside}, may_begin=False)
    taps.note("CAFE", {1: transaction}, may_begin=False)
    assert list(taps.take()) == [{1}, {1}]


def test_a_tap_before_the_car_comes_fits_no_session_that_was_begun_in_home_assistant() -> None:
    """Its charger waits for badges, and the other connector is free for whoever has tapped."""
    taps = Taps()
    for begun in (begun_by(HOME_BADGE), begun_by(HOME_BADGE, by_itself=True)):
        taps.note("CAFE", {1: begun, 2: None}, may_begin=False)
        taps.note("CAFE", {1: begun, 2: begun_by("CAFE"), 3: None}, may_begin=False)
        assert list(taps.take()) == [frozenset(), {2}]


def test_one_badge_alone_fits_the_session_that_it_has_begun() -> None:
    taps, auto = Taps(), begun_by("AUTO", by_itself=True)
    taps.note("CAFE", {1: None, 2: auto}, may_begin=False)
    taps.note("BEEF", {1: begun_by("CAFE"), 2: auto}, may_begin=False)
    taps.note("cafe", {1: begun_by("CAFE"), 2: None}, may_begin=False)
    assert list(taps.take()) == [{2}, {2}, {1}]


@pytest.mark.parametrize("badge", ["CAFE", None])
def test_a_badge_that_may_have_been_tapped_unheard_protects_its_session(badge: str | None) -> None:
    """After a restart of ours, and where the charger knows the badge, nobody has told of a tap."""
    taps = Taps()
    taps.note("BEEF", {1: begun_by(badge)}, may_begin=False)
    assert list(taps.take()) == [frozenset()]


def test_a_tap_that_may_begin_a_session_fits_the_one_that_it_has_begun_alone() -> None:
    taps, running = Taps(), {1: begun_by(NOBODY), 2: begun_by("CAFE"), 3: None}
    taps.note("CAFE", running, may_begin=True)
    taps.note("BEEF", running, may_begin=True)
    assert list(taps.take()) == [{2}, frozenset()]


def test_what_is_tapped_later_was_a_badge_after_all() -> None:
    taps, session = Taps(), begun_by("CAFE", by_itself=True)
    taps.note("CAFE", {1: session}, may_begin=False)
    taps.note("BEEF", {1: session}, may_begin=False)
    assert list(taps.take()) == [{1}, frozenset()]


def test_what_a_charger_asks_for_by_itself_is_no_tap() -> None:
    taps = Taps()
    taps.note(HOME_BADGE, {1: begun_by(HOME_BADGE)}, may_begin=False)
    assert list(taps.take()) == []
    taps.note("CAFE", {1: begun_by(HOME_BADGE)}, may_begin=False)
    assert list(taps.take()) == [{1}]


def test_a_tap_is_told_once_and_not_for_ever() -> None:
    taps = Taps()
    for _ in range(20):
        taps.note("CAFE", {1: begun_by(NOBODY)}, may_begin=False)
    assert len(taps.take()) < 20
    assert list(taps.take()) == []


async def begin(charge_point: ScriptedChargePoint, badge: str, at: datetime) -> None:
    start = {"connectorId": 1, "idTag": badge, "meterStart": 0, "timestamp": at.isoformat()}
    await charge_point.call("StartTransaction", start)


async def tap(charge_point: ScriptedChargePoint, *badges: str) -> None:
    for badge in badges:
        await charge_point.call("Authorize", {"idTag": badge})


async def test_a_station_tells_of_badges_that_are_held_against_it(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    heard: list[bool] = []
    station.subscribe(lambda: heard.append(True))
    await tap(charge_point, "CAFE")
    assert heard
    assert list(station.take_taps()) == [frozenset()]
    await begin(charge_point, "CAFE", NOON)
    await tap(charge_point, "CAFE", "BEEF")
    assert list(station.take_taps()) == [{1}, frozenset()]


async def test_a_session_without_a_badge_is_nobodys(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    await begin(charge_point, "", NOON)
    await tap(charge_point, "BEEF")
    assert list(station.take_taps()) == [{1}]


async def test_a_tap_beside_a_car_that_has_just_come_may_be_to_begin_its_session(
    system: CentralSystem, connect: Connect
) -> None:
    station = system.register("CP2", {1: PROFILE, 2: PROFILE})
    charge_point = await connect("CP2")
    await charge_point.status("SuspendedEVSE", 1)
    await begin(charge_point, "", NOON)
    await charge_point.status("Preparing", 2)
    await tap(charge_point, "BEEF")
    assert list(station.take_taps()) == [frozenset()]
    await charge_point.status("Available", 2)
    await tap(charge_point, "BEEF")
    assert list(station.take_taps()) == [{1}]


async def asking(connect: Connect, **says: Any) -> ScriptedChargePoint:
    """Connect a station that has such settings."""
    charge_point = await connect()
    charge_point.script["GetConfiguration"] = settings(**says)
    await charge_point.boot()
    await settled(charge_point)
    return charge_point


@pytest.mark.parametrize(
    ("says", "fits"),
    [
        ({"LocalPreAuthorize": "false"}, True),
        ({"LocalPreAuthorize": "False"}, True),
        ({"LocalPreAuthorize": "true"}, False),
        ({"NumberOfConnectors": "1"}, False),
    ],
)
async def test_who_asks_for_every_badge_and_did_not_has_begun_by_itself(
    station: OcppStation, connect: Connect, clock: Clock, says: dict[str, str], *, fits: bool
) -> None:
    charge_point = await asking(connect, **says)
    clock.advance(120)
    await begin(charge_point, "AUTO", clock())
    await tap(charge_point, "BEEF")
    assert list(station.take_taps()) == [{1} if fits else set()]


@pytest.mark.parametrize("seconds", [-3600, 0, 59, 200, 90_000])
async def test_who_may_have_begun_without_contact_may_have_been_told_by_a_badge(
    station: OcppStation, connect: Connect, clock: Clock, seconds: float
) -> None:
    charge_point = await asking(connect, LocalPreAuthorize="false")
    clock.advance(120)
    await begin(charge_point, "CAFE", NOON + timedelta(seconds=seconds))
    await tap(charge_point, "BEEF")
    assert list(station.take_taps()) == [frozenset()]


async def test_badges_that_people_name_are_badges(
    station: OcppStation, connect: Connect, clock: Clock
) -> None:
    charge_point = await asking(connect, LocalPreAuthorize="false")
    charge_point.script["GetLocalListVersion"] = {"listVersion": 0}
    await station.reserve(1, "CAFE", NOON + timedelta(hours=1))
    await station.send_badges(["BEEF"])
    clock.advance(120)
    for badge in ("CAFE", "BEEF"):
        await begin(charge_point, badge, clock())
        await tap(charge_point, "D00D")
    assert list(station.take_taps()) == [frozenset(), frozenset()]


@pytest.mark.usefixtures("station")
async def test_what_is_known_of_a_session_outlives_a_restart_of_ours(
    system: CentralSystem, connect: Connect, clock: Clock
) -> None:
    charge_point = await asking(connect, LocalPreAuthorize="false")
    system.update("CP1", {1: PROFILE, 2: PROFILE})
    clock.advance(120)
    await begin(charge_point, "AUTO", clock())
    await tap(charge_point, "CAFE")
    start = {"connectorId": 2, "idTag": "CAFE", "meterStart": 0, "timestamp": clock().isoformat()}
    await charge_point.call("StartTransaction", start)
    stored = system.ledger.to_json()
    restarted = Taps()
    ledger = TransactionLedger.from_json(stored)
    restarted.note(
        "BEEF", {number: ledger.of_connector("CP1", number) for number in (1, 2)}, may_begin=False
    )
    assert list(restarted.take()) == [{1}]
