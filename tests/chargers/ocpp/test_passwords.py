"""Security profile 1: a station with a password is let in with it and not without."""

import base64
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import ClientSession, WSServerHandshakeError
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.chargers.ocpp.config import CentralSystemConfig
from custom_components.headroom.chargers.ocpp.credentials import (
    Credentials,
    is_password,
    read_login,
)
from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.chargers.ocpp.station import OcppStation
from custom_components.headroom.chargers.ocpp.suspects import Suspects

from .charge_point import ScriptedChargePoint, basic
from .conftest import PROFILE, Clock

PASSWORD = "Sesame-open-4711"
HEX_KEY = "00FF3A0a" * 5
KNOWN = Credentials(password=PASSWORD)

type Knock = Callable[..., Awaitable[int]]
"""Dial in and return the status of the answer; 101 when let in."""


@pytest.fixture
def station(system: CentralSystem) -> OcppStation:
    return system.register("CP1", {1: PROFILE}, credentials=KNOWN)


@pytest.fixture
async def knock(system: CentralSystem, session: ClientSession) -> AsyncIterator[Knock]:
    charge_points: list[ScriptedChargePoint] = []

    async def knock(authorization: str | None = None, path: str = "CP1") -> int:
        headers = {} if authorization is None else {"Authorization": authorization}
        url = f"http://127.0.0.1:{system.port}/{path}"
        try:
            socket = await session.ws_connect(url, protocols=("ocpp1.6",), headers=headers)
        except WSServerHandshakeError as refused:
            return refused.status
        charge_points.append(ScriptedChargePoint(socket))
        await charge_points[-1].call("Heartbeat")
        return 101

    yield knock
    for charge_point in charge_points:
        await charge_point.close()


async def test_the_right_password_opens(station: OcppStation, knock: Knock) -> None:
    assert await knock(basic("CP1", PASSWORD)) == 101
    assert station.online


@pytest.mark.parametrize(
    "authorization",
    [
        basic("CP1", PASSWORD + "x"),
        basic("CP1", PASSWORD[:-1]),
        basic("CP1", ""),
        basic("CP2", PASSWORD),
        basic("cp1", PASSWORD),
        basic("", PASSWORD),
        basic("CP1", PASSWORD, "Bearer"),
        basic("CP1", PASSWORD, ""),
        "",
        "Basic",
        "Basic !!!!",
        "Basic Q1A",
        "Basic " + base64.b64encode(b"CP1").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe\x00").decode(),
        "Basic Zürich",
        "Basic " + "QUJD" * 2000,
    ],
)
async def test_anything_else_is_refused_and_changes_nothing(
    system: CentralSystem,
    station: OcppStation,
    knock: Knock,
    unknown: list[object],
    authorization: str,
) -> None:
    assert await knock(authorization) in {400, 401}
    assert not station.online
    assert unknown == []
    assert list(system.stations) == ["CP1"]


async def test_a_header_beyond_all_bounds_is_refused(station: OcppStation, knock: Knock) -> None:
    assert await knock("Basic " + "QUJD" * 4000) == 400
    assert not station.online


async def test_two_headers_are_refused(
    system: CentralSystem, station: OcppStation, session: ClientSession
) -> None:
    headers = [("Authorization", basic("CP1", PASSWORD))] * 2
    with pytest.raises(WSServerHandshakeError) as refused:
        await session.ws_connect(f"http://127.0.0.1:{system.port}/CP1", headers=headers)
    assert refused.value.status in {400, 401}


async def test_a_refused_station_is_told_what_is_missing(
    system: CentralSystem, station: OcppStation, session: ClientSession
) -> None:
    async with session.get(f"http://127.0.0.1:{system.port}/CP1") as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"].startswith('Basic realm="')


async def test_the_scheme_has_no_case(station: OcppStation, knock: Knock) -> None:
    assert await knock(basic("CP1", PASSWORD, "bAsIc ")) == 101


@pytest.mark.parametrize("user", ["EM 7/ü", "EM%207%2F%C3%BC", "EM 7%2fü"])
async def test_a_user_may_be_percent_encoded(
    system: CentralSystem, knock: Knock, user: str
) -> None:
    system.register("EM 7/ü", {1: PROFILE}, credentials=KNOWN)
    assert await knock(basic(user, PASSWORD), "EM%207%2F%C3%BC") == 101


async def test_a_percent_sign_in_an_id_is_itself(system: CentralSystem, knock: Knock) -> None:
    system.register("50%25", {1: PROFILE}, credentials=KNOWN)
    assert await knock(basic("50%25", PASSWORD), "50%2525") == 101


async def test_a_password_may_have_colons(system: CentralSystem, knock: Knock) -> None:
    system.register("CP1", {1: PROFILE}, credentials=Credentials(password="a:b:c:d:e"))
    assert await knock(basic("CP1", "a:b:c:d:e")) == 101


@pytest.mark.parametrize("shown", [HEX_KEY.encode(), bytes.fromhex(HEX_KEY)])
async def test_a_key_in_hex_is_also_its_bytes(
    system: CentralSystem, knock: Knock, shown: bytes
) -> None:
    system.register("CP1", {1: PROFILE}, credentials=Credentials(password=HEX_KEY))
    assert await knock(basic("CP1", shown)) == 101
    assert await knock(basic("CP1", shown + b"\x00")) == 401


async def test_a_short_password_is_no_key_in_hex(system: CentralSystem, knock: Knock) -> None:
    system.register("CP1", {1: PROFILE}, credentials=Credentials(password="00112233"))
    assert await knock(basic("CP1", bytes.fromhex("00112233"))) == 401


@pytest.mark.parametrize("authorization", [None, basic("CP1", ""), basic("x", "y"), "nonsense"])
async def test_without_a_known_password_any_is_accepted(
    system: CentralSystem, knock: Knock, authorization: str | None
) -> None:
    station = system.register("CP1", {1: PROFILE})
    assert await knock(authorization) == 101
    assert station.online


async def test_who_is_refused_does_not_push_the_station_out(
    station: OcppStation, knock: Knock
) -> None:
    assert await knock(basic("CP1", PASSWORD)) == 101
    assert await knock() == 401
    assert await knock(basic("CP1", "wrong-wrong")) == 401
    assert station.online


async def test_a_new_password_counts_from_the_next_connection_on(
    system: CentralSystem, station: OcppStation, knock: Knock
) -> None:
    assert await knock(basic("CP1", PASSWORD)) == 101
    system.require("CP1", Credentials(password="another-one"))
    assert station.online
    assert await knock(basic("CP1", PASSWORD)) == 401
    assert station.online
    assert await knock(basic("CP1", "another-one")) == 101


def test_only_registered_stations_have_credentials(system: CentralSystem) -> None:
    with pytest.raises(KeyError):
        system.require("CP9", KNOWN)


async def test_a_removed_station_is_unknown_whatever_it_shows(
    system: CentralSystem, station: OcppStation, knock: Knock
) -> None:
    await system.unregister("CP1")
    assert await knock(basic("CP1", PASSWORD)) == 404


async def test_guessing_has_to_wait_longer_and_longer(
    station: OcppStation, knock: Knock, clock: Clock
) -> None:
    for _ in range(5):
        assert await knock(basic("CP1", "wrong-wrong")) == 401
    assert await knock(basic("CP1", PASSWORD)) == 429, "it is not even compared"
    clock.advance(59)
    assert await knock(basic("CP1", PASSWORD)) == 429
    clock.advance(1)
    assert await knock(basic("CP1", "wrong-wrong")) == 401
    clock.advance(119)
    assert await knock(basic("CP1", PASSWORD)) == 429
    clock.advance(1)
    assert await knock(basic("CP1", PASSWORD)) == 101
    assert await knock(basic("CP1", "wrong-wrong")) == 401
    assert await knock(basic("CP1", PASSWORD)) == 101, "it began anew"


async def test_the_wait_is_said(
    system: CentralSystem, station: OcppStation, knock: Knock, session: ClientSession, clock: Clock
) -> None:
    for _ in range(5):
        await knock(basic("CP1", "wrong-wrong"))
    clock.advance(20.5)
    async with session.get(f"http://127.0.0.1:{system.port}/CP1") as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "40")


async def test_the_wait_has_an_end(station: OcppStation, knock: Knock, clock: Clock) -> None:
    for _ in range(5):
        await knock(basic("CP1", "wrong-wrong"))
    for _ in range(10):
        clock.advance(900)
        assert await knock(basic("CP1", "wrong-wrong")) == 401
    clock.advance(900)
    assert await knock(basic("CP1", PASSWORD)) == 101


async def test_slips_that_are_far_apart_need_no_wait(
    station: OcppStation, knock: Knock, clock: Clock
) -> None:
    for _ in range(10):
        assert await knock(basic("CP1", "wrong-wrong")) == 401
        clock.advance(16)


async def test_a_clock_that_is_set_back_prolongs_no_wait(
    station: OcppStation, knock: Knock, clock: Clock
) -> None:
    for _ in range(5):
        await knock(basic("CP1", "wrong-wrong"))
    clock.advance(-3600)
    assert await knock(basic("CP1", PASSWORD)) == 101


async def test_a_new_password_ends_the_wait(
    system: CentralSystem, station: OcppStation, knock: Knock
) -> None:
    for _ in range(5):
        await knock(basic("CP1", "wrong-wrong"))
    system.require("CP1", Credentials(password="wrong-wrong"))
    assert await knock(basic("CP1", "wrong-wrong")) == 101


async def test_the_same_password_again_does_not(
    system: CentralSystem, station: OcppStation, knock: Knock
) -> None:
    for _ in range(5):
        await knock(basic("CP1", "wrong-wrong"))
    system.require("CP1", KNOWN)
    assert await knock(basic("CP1", PASSWORD)) == 429


async def test_one_station_does_not_wait_for_another(
    system: CentralSystem, station: OcppStation, knock: Knock
) -> None:
    system.register("CP2", {1: PROFILE}, credentials=KNOWN)
    for _ in range(6):
        await knock(basic("CP1", "wrong-wrong"))
    assert await knock(basic("CP2", PASSWORD), "CP2") == 101


def test_only_so_many_peers_are_remembered(config: CentralSystemConfig, clock: Clock) -> None:
    suspects = Suspects(config, clock)
    for number in range(10 * config.suspect_limit):
        suspects.note_wrong("CP1", f"192.0.2.{number}")
    assert suspects.count == config.suspect_limit
    clock.advance(config.suspect_memory.total_seconds())
    assert suspects.note_wrong("CP1", "198.51.100.1")
    assert suspects.count == 1


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_wrong_password_is_complained_of_once_and_never_named(
    station: OcppStation, knock: Knock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    header, right = basic("CP1", "wrong-wrong"), basic("CP1", PASSWORD)
    for _ in range(3):
        await knock(header)
    assert complaints(caplog) == ["Station CP1 at 127.0.0.1 shows a wrong password"]
    await knock(right)
    assert "Station CP1 at 127.0.0.1 is let in again" in caplog.text
    await knock(header)
    assert len(complaints(caplog)) == 2
    for secret in (PASSWORD, "wrong-wrong", header.split()[1], right.split()[1]):
        assert secret not in caplog.text


async def test_a_station_may_wait_to_be_asked_for_its_password(
    station: OcppStation, knock: Knock, caplog: pytest.LogCaptureFixture
) -> None:
    assert await knock() == 401
    assert await knock(basic("CP1", PASSWORD)) == 101
    assert complaints(caplog) == []


async def test_a_station_that_never_shows_a_password_is_complained_of(
    station: OcppStation, knock: Knock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(10):
        assert await knock() == 401
    assert complaints(caplog) == ["Station CP1 at 127.0.0.1 shows no password"]


def test_a_password_is_not_shown_by_accident() -> None:
    assert PASSWORD not in repr(KNOWN)
    assert PASSWORD not in repr(read_login([basic("CP1", PASSWORD)]))


@pytest.mark.parametrize(
    ("text", "usable"),
    [("x" * 7, False), ("x" * 8, True), ("x" * 64, True), ("x" * 65, False), ("x\n" * 8, False)],
)
def test_a_password_has_8_to_64_printable_characters(text: str, usable: bool) -> None:
    assert is_password(text) is usable


@given(st.text())
def test_any_header_has_an_answer(header: str) -> None:
    login = read_login([f"Basic {header}".encode().decode("utf-8", "surrogateescape")])
    assert login is None or not KNOWN.admit("CP1", login)


@given(st.binary(), st.binary())
def test_only_the_right_login_is_admitted(user: bytes, password: bytes) -> None:
    login = read_login([basic(user, password)])
    assert login is not None
    assert not KNOWN.admit("CP1", login)
    assert not Credentials().admit("CP1", login)
