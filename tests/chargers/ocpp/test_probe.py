"""What a station is asked about itself, and what is made of the answers."""

import json
from typing import Any

import pytest

from custom_components.headroom.chargers.base import ChargerInfo
from custom_components.headroom.chargers.ocpp.experience import Experience, Findings
from custom_components.headroom.chargers.ocpp.station import OcppStation
from custom_components.headroom.chargers.ocpp.traits import StationTraits, Unit

from .charge_point import ACCEPTED, REJECTED, Refusal, ScriptedChargePoint, Special
from .conftest import Connect, settled


def settings(**values: Any) -> dict[str, Any]:
    pairs = [{"key": key, "readonly": True, "value": value} for key, value in values.items()]
    return {"configurationKey": pairs}


ORDINARY = {
    "ChargeProfileMaxStackLevel": "8",
    "ChargingScheduleAllowedChargingRateUnit": "Current,Power",
    "ChargingScheduleMaxPeriods": "24",
    "MaxChargingProfilesInstalled": "10",
    "SupportedFeatureProfiles": "Core,SmartCharging",
    "ConnectorSwitch3to1PhaseSupported": "false",
    "NumberOfConnectors": "2",
    "MeterValuesSampledDataMaxLength": "4",
    "MeterValuesSampledData": "Current.Import,Voltage",
}


def test_traits_of_an_ordinary_station() -> None:
    assert StationTraits.read(ORDINARY) == StationTraits(
        max_stack_level=8,
        units=frozenset(Unit),
        max_periods=24,
        max_profiles=10,
        features=frozenset({"core", "smartcharging"}),
        switches_phases=False,
        connectors=2,
        max_measurands=4,
        measurands=("Current.Import", "Voltage"),
    )


def test_traits_with_brackets_and_odd_case() -> None:
    traits = StationTraits.read(
        {
            "supportedfeatureprofiles": "[Core, SMARTCharging]",
            "chargingscheduleallowedchargingrateunit": '["power"]',
            "ConnectorSwitch3to1PhaseSupported": "TRUE",
        }
    )
    assert traits.features == {"core", "smartcharging"}
    assert traits.units == {Unit.WATT}
    assert traits.switches_phases is True


def test_traits_of_nonsense() -> None:
    nonsense = dict.fromkeys(ORDINARY, "?") | {"NumberOfConnectors": "0"}
    traits = StationTraits.read(nonsense | {"MeterValuesSampledData": "", "Other": "1"})
    assert traits == StationTraits(features=frozenset({"?"}))
    assert StationTraits.read({}) == StationTraits()


async def probe(connect: Connect, answer: Any) -> ScriptedChargePoint:
    charge_point = await connect()
    charge_point.script["GetConfiguration"] = answer
    await charge_point.boot()
    await settled(charge_point)
    return charge_point


def traits_of(station: OcppStation) -> StationTraits:
    traits = station.details["traits"]
    assert isinstance(traits, StationTraits)
    return traits


async def test_a_station_is_asked_after_its_limits(station: OcppStation, connect: Connect) -> None:
    charge_point = await probe(connect, settings(**ORDINARY))
    assert traits_of(station) == StationTraits.read(ORDINARY)
    actions = [command.action for command in charge_point.received]
    assert actions.index("GetConfiguration") > actions.index("SetChargingProfile") + 1


@pytest.mark.parametrize(
    "answer",
    [
        {},
        ACCEPTED,
        Refusal("NotImplemented"),
        {"configurationKey": "none"},
        {"configurationKey": [7, {"key": 7}, {"key": "NumberOfConnectors"}, {"value": "1"}]},
        {"configurationKey": None},
    ],
)
async def test_a_station_that_tells_nothing(
    station: OcppStation, connect: Connect, answer: Any
) -> None:
    charge_point = await probe(connect, answer)
    assert traits_of(station) == StationTraits()
    assert station.reading(1).confirmed == 6.0
    asked = [c.payload for c in charge_point.commands("GetConfiguration")]
    assert asked[1] == {}, "it may tell all where it does not tell some"


async def test_values_of_wrong_types(station: OcppStation, connect: Connect) -> None:
    await probe(
        connect,
        settings(
            ChargeProfileMaxStackLevel=3,
            SupportedFeatureProfiles=["Core", "SmartCharging"],
            NumberOfConnectors={"a": 1},
        ),
    )
    assert traits_of(station) == StationTraits(
        max_stack_level=3, features=frozenset({"core", "smartcharging"})
    )


async def test_after_another_boot_it_is_asked_again(station: OcppStation, connect: Connect) -> None:
    charge_point = await probe(connect, settings(ChargeProfileMaxStackLevel="1"))
    charge_point.script["GetConfiguration"] = settings(ChargeProfileMaxStackLevel="4")
    before = len(charge_point.commands("GetConfiguration"))
    await charge_point.boot(firmwareVersion="2")
    await charge_point.until_called("GetConfiguration", before + 1)
    await charge_point.call("Heartbeat")
    assert traits_of(station).max_stack_level == 4


async def test_boots_in_a_row_are_one_reason_to_ask(station: OcppStation, connect: Connect) -> None:
    charge_point = await probe(connect, settings(ChargeProfileMaxStackLevel="1"))
    charge_point.script["GetConfiguration"] = Special.SILENCE
    before = len(charge_point.commands("GetConfiguration"))
    await charge_point.boot()
    question = await charge_point.until_called("GetConfiguration", before + 1)
    for _ in range(10):
        await charge_point.boot()
    charge_point.script["GetConfiguration"] = settings(ChargeProfileMaxStackLevel="4")
    answer = settings(ChargeProfileMaxStackLevel="2")
    await charge_point.socket.send_str(json.dumps([3, question.id, answer]))
    await charge_point.call("Heartbeat")
    await charge_point.call("Heartbeat")
    assert len(charge_point.commands("GetConfiguration")) == before + 1
    assert traits_of(station).max_stack_level == 2


def lists(charge_point: ScriptedChargePoint) -> list[str]:
    return [
        command.payload["value"]
        for command in charge_point.commands("ChangeConfiguration")
        if command.payload["key"] == "MeterValuesSampledData"
    ]


async def test_measurands_that_are_there_are_left_alone(
    station: OcppStation, connect: Connect
) -> None:
    everything = (
        "Current.Import,Power.Active.Import,Energy.Active.Import.Register,Voltage,"
        "Current.Offered,SoC"
    )
    charge_point = await probe(connect, settings(MeterValuesSampledData=everything))
    assert lists(charge_point) == []
    assert station.refused_settings == frozenset()


async def test_measurands_are_asked_for_once(station: OcppStation, connect: Connect) -> None:
    answers = {"MeterValuesSampledData": "Current.Import"}

    def change(payload: dict[str, Any]) -> Any:
        if payload["key"] != "MeterValuesSampledData":
            return ACCEPTED
        if "Voltage" in payload["value"]:
            return REJECTED
        answers["MeterValuesSampledData"] = payload["value"]
        return ACCEPTED

    for expected in (5, 0):
        charge_point = await connect()
        charge_point.script["GetConfiguration"] = lambda _: settings(**answers)
        charge_point.script["ChangeConfiguration"] = change
        await charge_point.boot()
        await settled(charge_point)
        assert len(lists(charge_point)) == expected
        assert station.refused_settings == frozenset()
    answers["MeterValuesSampledData"] = "Current.Import"
    charge_point = await connect()
    charge_point.script["GetConfiguration"] = lambda _: settings(**answers)
    charge_point.script["ChangeConfiguration"] = change
    await settled(charge_point)
    assert len(lists(charge_point)) == 1, "what it took before is set again"


async def test_measurands_that_are_accepted_but_not_kept(
    station: OcppStation, connect: Connect
) -> None:
    charge_point = await probe(connect, settings(MeterValuesSampledData="Voltage"))
    await charge_point.call("Heartbeat")
    assert station.refused_settings == {"MeterValuesSampledData"}


def test_experience_survives_storage() -> None:
    experience = Experience()
    info = ChargerInfo(vendor="Acme", model="One", firmware="1")
    experience.meet("CP1", "ocpp1.6", info)
    findings = Findings(answers={"a": "b"}, strategy="x", followed=True, barred=("y",))
    assert experience.learn("CP1", "ocpp1.6", findings)
    assert not experience.learn("CP1", "ocpp1.6", findings)
    restored = Experience.from_json(experience.to_json())
    assert restored.of("CP1", "ocpp1.6") == findings
    assert restored.of("CP2", "ocpp1.6") == Findings()
    restored.meet("CP2", "ocpp1.6", info)
    assert restored.of("CP2", "ocpp1.6") == findings
    restored.meet("CP2", "ocpp1.6", ChargerInfo(vendor="Acme", model="One", firmware="2"))
    assert restored.of("CP2", "ocpp1.6") == Findings()


def test_experience_does_not_grow_for_ever() -> None:
    experience = Experience()
    for number in range(100):
        experience.meet("CP1", "ocpp1.6", ChargerInfo(firmware=str(number)))
        experience.learn("CP1", "ocpp1.6", Findings(strategy=str(number)))
    assert len(experience.to_json()["kinds"]) == 64
    assert experience.of("CP1", "ocpp1.6").strategy == "99"


@pytest.mark.parametrize(
    "damaged",
    [
        {},
        {"version": 2, "kinds": {}, "stations": {}},
        {"version": 1, "kinds": [], "stations": {}},
        {"version": 1, "kinds": {"a": {}}, "stations": {}},
        {
            "version": 1,
            "kinds": {
                "a": {
                    "answers": {},
                    "strategy": 7,
                    "followed": False,
                    "barred": [],
                    "measurands": None,
                }
            },
            "stations": {},
        },
        {"version": 1, "kinds": {}, "stations": None},
        {"version": 1, "kinds": {}, "stations": {}, "phases": {"CP1": 3}},
    ],
)
def test_damaged_experience_is_refused(damaged: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="experience"):
        Experience.from_json(damaged)
