"""What a station says that it can do: hints, since many stations say less or more."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .fields import as_int


class Unit(StrEnum):
    """The unit of a limit."""

    AMPERE = "A"
    WATT = "W"


_UNITS: Final = {
    "current": Unit.AMPERE,
    "a": Unit.AMPERE,
    "amp": Unit.AMPERE,
    "amps": Unit.AMPERE,
    "power": Unit.WATT,
    "w": Unit.WATT,
}


class Setting(StrEnum):
    """Settings of a station, named as OCPP 1.6 does."""

    STACK_LEVEL = "ChargeProfileMaxStackLevel"
    UNITS = "ChargingScheduleAllowedChargingRateUnit"
    PERIODS = "ChargingScheduleMaxPeriods"
    PROFILES = "MaxChargingProfilesInstalled"
    FEATURES = "SupportedFeatureProfiles"
    SWITCHES_PHASES = "ConnectorSwitch3to1PhaseSupported"
    CONNECTORS = "NumberOfConnectors"
    MOST_MEASURANDS = "MeterValuesSampledDataMaxLength"
    MEASURANDS = "MeterValuesSampledData"
    METER_INTERVAL = "MeterValueSampleInterval"
    HEARTBEAT_INTERVAL = "HeartbeatInterval"
    PING_INTERVAL = "WebSocketPingInterval"
    POWER_LOSS = "ContinueChargingAfterPowerLoss"
    KNOWS_BADGES = "LocalPreAuthorize"
    LIST_ENABLED = "LocalAuthListEnabled"
    LIST_LENGTH = "LocalAuthListMaxLength"
    LIST_PART = "SendLocalListMaxLength"


TELLING: Final = (
    Setting.STACK_LEVEL,
    Setting.UNITS,
    Setting.PERIODS,
    Setting.PROFILES,
    Setting.FEATURES,
    Setting.SWITCHES_PHASES,
    Setting.CONNECTORS,
    Setting.MOST_MEASURANDS,
    Setting.MEASURANDS,
)
"""Settings that tell what a station can do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationTraits:
    """What a station has said of itself; None and empty where it said nothing usable."""

    max_stack_level: int | None = None
    units: frozenset[Unit] = frozenset()
    max_periods: int | None = None
    max_profiles: int | None = None
    features: frozenset[str] = frozenset()
    """In lower case."""
    switches_phases: bool | None = None
    connectors: int | None = None
    max_measurands: int | None = None
    measurands: tuple[str, ...] = ()
    """What its samples contained before Headroom changed that."""

    @classmethod
    def read(cls, answers: Mapping[str, str]) -> StationTraits:
        """Understand the values of `TELLING`, whatever their case and brackets."""
        values = {key.lower(): value for key, value in answers.items()}

        def words(setting: Setting) -> tuple[str, ...]:
            return split_list(values.get(setting.lower(), ""))

        def number(setting: Setting, least: int = 1) -> int | None:
            value = as_int(next(iter(words(setting)), None))
            return value if value is not None and value >= least else None

        units = [_UNITS.get(word.lower()) for word in words(Setting.UNITS)]
        switches = next((word.lower() for word in words(Setting.SWITCHES_PHASES)), None)
        return cls(
            max_stack_level=number(Setting.STACK_LEVEL, least=0),
            units=frozenset(unit for unit in units if unit is not None),
            max_periods=number(Setting.PERIODS),
            max_profiles=number(Setting.PROFILES),
            features=frozenset(word.lower() for word in words(Setting.FEATURES)),
            switches_phases={"true": True, "false": False}.get(switches or ""),
            connectors=number(Setting.CONNECTORS),
            max_measurands=number(Setting.MOST_MEASURANDS),
            measurands=words(Setting.MEASURANDS),
        )


def split_list(text: str) -> tuple[str, ...]:
    """Return the items of a comma-separated list, without the brackets that some put around."""
    items = (item.strip(" \"'") for item in re.sub(r"[\[\](){}]", "", text).split(","))
    return tuple(item for item in items if item)
