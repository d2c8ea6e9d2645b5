"""Which version is spoken, and what goes with it."""

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from custom_components.headroom.chargers.base import ChargerInfo
from custom_components.headroom.chargers.ocpp.config import CentralSystemConfig
from custom_components.headroom.chargers.ocpp.credentials import Credentials
from custom_components.headroom.chargers.ocpp.experience import Experience, Findings
from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.chargers.ocpp.station import OcppStation
from custom_components.headroom.chargers.ocpp.tls import TlsFiles, load_tls
from tests.chargers.ocpp.charge_point import REJECTED, ScriptedChargePoint, basic
from tests.chargers.ocpp.conftest import PROFILE, Clock, Connect, until
from tests.chargers.ocpp.conftest import settled as settled16
from tests.chargers.ocpp.pki import Authority
from tests.chargers.ocpp.test_tls import trusting

from .charge_point import ScriptedStation
from .conftest import Dial, settled

ALL = ("ocpp1.6", "ocpp2.0.1", "ocpp2.1")


@pytest.mark.parametrize(
    ("only", "offered", "chosen"),
    [
        (None, ALL, "ocpp2.1"),
        (None, ("ocpp2.0.1", "ocpp1.6"), "ocpp2.0.1"),
        (None, ("OCPP2.0.1", "ocpp2.0"), "OCPP2.0.1"),
        ("ocpp1.6", ALL, "ocpp1.6"),
        ("ocpp2.0.1", ALL, "ocpp2.0.1"),
        ("ocpp2.1", ALL, "ocpp2.1"),
        ("ocpp2.1", (), None),
        ("ocpp1.6", (), None),
    ],
)
async def test_the_best_version_is_spoken_unless_one_is_chosen(
    system: CentralSystem,
    session: ClientSession,
    only: str | None,
    offered: tuple[str, ...],
    chosen: str | None,
) -> None:
    spoken = only or (chosen or "").lower()
    station = system.register("CP1", {1: PROFILE}, version=only)
    url = f"http://127.0.0.1:{system.port}/CP1"
    socket = await session.ws_connect(url, protocols=offered, autoping=False)
    charge_point = ScriptedStation(socket, spoken.removeprefix("ocpp"))
    assert socket.protocol == chosen
    await charge_point.call("Heartbeat")
    assert station.details["version"] == spoken
    await charge_point.close()


async def test_what_is_not_chosen_is_closed(
    system: CentralSystem, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    station = system.register("CP1", {1: PROFILE}, version="ocpp2.1")
    charge_point = await connect(protocols=("ocpp2.0.1", "ocpp1.6"))
    assert charge_point.socket.protocol is None
    assert await charge_point.until_closed() == 1002
    assert not station.online
    assert "Headroom speaks ocpp2.1" in caplog.text


async def test_another_choice_cuts_what_does_not_fit_it(
    system: CentralSystem, station: OcppStation, charge_point: ScriptedStation, version: str
) -> None:
    for fitting in (None, f"ocpp{version}"):
        system.speak("CP1", fitting)
        await charge_point.call("Heartbeat")
    system.speak("CP1", "ocpp1.6")
    await charge_point.until_closed()
    await until(station, lambda: not station.online)
    with pytest.raises(KeyError):
        system.speak("CP9", None)


async def test_frames_are_compressed_for_who_wants_it(
    system: CentralSystem, station: OcppStation, session: ClientSession, version: str
) -> None:
    url = f"http://127.0.0.1:{system.port}/CP1"
    for wanted in (15, 0):
        charge_point = await ScriptedStation.dial(session, url, version, compress=wanted)
        assert charge_point.socket.compress == wanted
        await charge_point.boot()
        await settled(charge_point)
        await charge_point.close()


@pytest.mark.parametrize("config", [CentralSystemConfig(max_frame=50_000)])
async def test_a_small_frame_must_not_unfold_to_a_huge_one(
    system: CentralSystem, station: OcppStation, session: ClientSession, version: str
) -> None:
    url = f"http://127.0.0.1:{system.port}/CP1"
    charge_point = await ScriptedStation.dial(session, url, version, compress=15)
    await charge_point.socket.send_str("x" * 1_000_000)
    assert await charge_point.until_closed() == 1009
    await until(station, lambda: not station.online)
    await charge_point.close()


async def test_what_works_is_remembered_by_version(
    station: OcppStation, dial: Dial, connect: Connect, version: str
) -> None:
    charge_point = await dial()
    charge_point.script["SetChargingProfile"] = lambda payload: (
        {"status": "Accepted"}
        if payload["chargingProfile"]["chargingSchedule"][0]["chargingRateUnit"] == "W"
        else REJECTED
    )
    await charge_point.boot(firmwareVersion="1")
    await settled(charge_point)
    assert str(station.details["strategy"]).endswith("W")
    old = await connect()
    await old.boot(chargePointModel="Two", firmwareVersion="1")
    await settled16(old)
    assert str(station.details["strategy"]).endswith("A")
    again = await dial()
    await settled(again)
    assert str(station.details["strategy"]).endswith("W")
    assert len(again.profiles) == 2


def test_what_is_stored_without_a_version_is_of_1_6() -> None:
    kind = "Acme / One / 1"
    findings = {"answers": {}, "strategy": "x", "followed": True, "barred": [], "measurands": None}
    stored: dict[str, Any] = {"version": 1, "kinds": {kind: findings}, "stations": {"CP1": kind}}
    experience = Experience.from_json(json.loads(json.dumps(stored)))
    assert experience.of("CP1", "ocpp1.6").strategy == "x"
    info = ChargerInfo(vendor="Acme", model="One", firmware="1")
    for version in ("ocpp2.0.1", "ocpp2.1"):
        experience.meet("CP1", version, info)
        assert experience.of("CP1", version) == Findings()
        assert experience.learn("CP1", version, Findings(strategy=version))
    restored = Experience.from_json(json.loads(json.dumps(experience.to_json())))
    for version, strategy in (("ocpp1.6", "x"), ("ocpp2.0.1", "ocpp2.0.1"), ("ocpp2.1", "ocpp2.1")):
        assert restored.of("CP1", version).strategy == strategy


async def test_security_profile_2(
    clock: Clock, session: ClientSession, tmp_path: Path, version: str
) -> None:
    authority = Authority.create(tmp_path)
    made = authority.issue("server")
    system = CentralSystem(now=clock, random=lambda: 0.0)
    station = system.register("CP1", {1: PROFILE}, credentials=Credentials(password="Sesame-open"))
    await system.start("127.0.0.1", 0, load_tls(TlsFiles(made.certificate, made.key)))
    charge_point: ScriptedChargePoint | None = None
    try:
        charge_point = await ScriptedStation.dial(
            session,
            f"https://127.0.0.1:{system.port}/CP1",
            version,
            ssl=trusting(authority),
            headers={"Authorization": basic("CP1", "Sesame-open")},
        )
        await charge_point.boot()
        assert station.online
    finally:
        if charge_point is not None:
            await charge_point.close()
        await system.stop()
