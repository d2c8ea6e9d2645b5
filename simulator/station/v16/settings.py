"""The configuration keys of a station (1.6 edition 2, section 9)."""

from dataclasses import dataclass
from typing import Final

from ..profiles import MAX_PERIODS, MAX_STACK_LEVEL

MEASURANDS: Final = (
    "Current.Import",
    "Voltage",
    "Power.Active.Import",
    "Energy.Active.Import.Register",
    "Current.Offered",
)

HEARTBEAT_INTERVAL: Final = "HeartbeatInterval"
SAMPLE_INTERVAL: Final = "MeterValueSampleInterval"
SAMPLED_DATA: Final = "MeterValuesSampledData"
CONNECTION_TIMEOUT: Final = "ConnectionTimeOut"

_INTERVALS: Final = {HEARTBEAT_INTERVAL: 60, SAMPLE_INTERVAL: 10, CONNECTION_TIMEOUT: 60}


@dataclass(frozen=True, slots=True)
class Setting:
    """A key with its value."""

    key: str
    value: str
    readonly: bool


class Settings:
    """The keys of one station; values are text, as in the protocol."""

    def __init__(self, connectors: int) -> None:
        self._values = {key: str(value) for key, value in _INTERVALS.items()}
        self._values[SAMPLED_DATA] = ",".join(MEASURANDS)
        self._fixed = {
            "NumberOfConnectors": str(connectors),
            "SupportedFeatureProfiles": "Core,SmartCharging,RemoteTrigger",
            "ChargingScheduleAllowedChargingRateUnit": "Current,Power",
            "ChargeProfileMaxStackLevel": str(MAX_STACK_LEVEL),
            "ChargingScheduleMaxPeriods": str(MAX_PERIODS),
            "MaxChargingProfilesInstalled": "32",
            "ConnectorSwitch3to1PhaseSupported": "false",
            "ClockAlignedDataInterval": "0",
            "LocalAuthorizeOffline": "true",
            "AuthorizeRemoteTxRequests": "false",
            "StopTransactionOnEVSideDisconnect": "true",
        }

    def seconds(self, key: str) -> int:
        """Return the value of a key that is an interval; 0 switches it off."""
        return int(self._values[key])

    @property
    def measurands(self) -> tuple[str, ...]:
        """Return what meter values contain."""
        return tuple(name for name in self._values[SAMPLED_DATA].split(",") if name)

    def read(self, keys: list[str] | None) -> tuple[list[Setting], list[str]]:
        """Return the settings of some keys, of all without any, and the unknown keys."""
        known = [Setting(key, value, readonly=False) for key, value in self._values.items()]
        known += [Setting(key, value, readonly=True) for key, value in self._fixed.items()]
        if not keys:
            return known, []
        names = {setting.key for setting in known}
        return [s for s in known if s.key in keys], [key for key in keys if key not in names]

    def change(self, key: str, value: str) -> str:
        """Change a key and return the status for the answer."""
        if key in self._fixed:
            return "Rejected"
        if key not in self._values:
            return "NotSupported"
        if not _is_valid(key, value):
            return "Rejected"
        self._values[key] = value
        return "Accepted"


def _is_valid(key: str, value: str) -> bool:
    if key in _INTERVALS:
        return value.isdecimal()
    return all(name in MEASURANDS for name in value.split(",") if name)
