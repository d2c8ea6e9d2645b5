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

KEYS: Final = (
    "ChargeProfileMaxStackLevel",
    "ChargingScheduleAllowedChargingRateUnit",
    "ChargingScheduleMaxPeriods",
    "MaxChargingProfilesInstalled",
    "SupportedFeatureProfiles",
    "ConnectorSwitch3to1PhaseSupported",
    "NumberOfConnectors",
    "MeterValuesSampledDataMaxLength",
    "MeterValuesSampledData",
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
        """Understand the values of `KEYS`, whatever their case and brackets."""
        values = {key.lower(): value for key, value in answers.items()}

        def words(key: str) -> tuple[str, ...]:
            return split_list(values.get(key.lower(), ""))

        def number(key: str, least: int = 1) -> int | None:
            value = as_int(next(iter(words(key)), None))
            return value if value is not None and value >= least else None

        units = [_UNITS.get(word.lower()) for word in words(KEYS[1])]
        switches = next((word.lower() for word in words(KEYS[5])), None)
        return cls(
            max_stack_level=number(KEYS[0], least=0),
            units=frozenset(unit for unit in units if unit is not None),
            max_periods=number(KEYS[2]),
            max_profiles=number(KEYS[3]),
            features=frozenset(word.lower() for word in words(KEYS[4])),
            switches_phases={"true": True, "false": False}.get(switches or ""),
            connectors=number(KEYS[6]),
            max_measurands=number(KEYS[7]),
            measurands=words(KEYS[8]),
        )


def split_list(text: str) -> tuple[str, ...]:
    """Return the items of a comma-separated list, without the brackets that some put around."""
    items = (item.strip(" \"'") for item in re.sub(r"[\[\](){}]", "", text).split(","))
    return tuple(item for item in items if item)
