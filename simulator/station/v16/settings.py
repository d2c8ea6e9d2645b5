"""The configuration keys of a station (1.6 edition 2, section 9)."""

from dataclasses import dataclass
from typing import Final

from ..cabinet import Cabinet
from ..local_list import LONGEST
from ..profiles import MAX_PERIODS, MAX_PROFILES, MAX_STACK_LEVEL

_CHANGEABLE: Final = {
    "HeartbeatInterval": "heartbeat_interval",
    "MeterValueSampleInterval": "sample_interval",
    "MeterValuesSampledData": "measurands",
    "ClockAlignedDataInterval": "aligned_interval",
    "ConnectionTimeOut": "connection_timeout",
    "LocalAuthListEnabled": "list_enabled",
    "LocalAuthorizeOffline": "authorizes_offline",
    "LocalPreAuthorize": "authorizes_by_list",
    "AllowOfflineTxForUnknownId": "starts_unknown_offline",
}
_PROFILES: Final = (
    "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger"
)


@dataclass(frozen=True, slots=True)
class Setting:
    """A key with its value."""

    key: str
    value: str
    readonly: bool


class Settings:
    """The keys of one station; values are text, as in the protocol."""

    def __init__(self, cabinet: Cabinet) -> None:
        self._cabinet = cabinet

    def read(self, keys: list[str] | None) -> tuple[list[Setting], list[str]]:
        """Return the settings of some keys, of all without any, and the unknown keys."""
        preferences = self._cabinet.preferences
        known = [
            Setting(key, preferences.read(name), readonly=False)
            for key, name in _CHANGEABLE.items()
        ]
        known += [Setting(key, value, readonly=True) for key, value in self._fixed().items()]
        if not keys:
            return known, []
        names = {setting.key for setting in known}
        return [s for s in known if s.key in keys], [key for key in keys if key not in names]

    def change(self, key: str, value: str) -> str:
        """Change a key and return the status for the answer."""
        if key in self._fixed():
            return "Rejected"
        if key not in _CHANGEABLE:
            return "NotSupported"
        try:
            self._cabinet.preferences.write(_CHANGEABLE[key], value)
        except ValueError:
            return "Rejected"
        return "Accepted"

    def _fixed(self) -> dict[str, str]:
        units = "Power" if self._cabinet.faults.only_watt else "Current,Power"
        switches = "true" if self._cabinet.limits.switches_phases else "false"
        return {
            "NumberOfConnectors": str(len(self._cabinet.connectors)),
            "SupportedFeatureProfiles": _PROFILES,
            "ChargingScheduleAllowedChargingRateUnit": units,
            "ChargeProfileMaxStackLevel": str(MAX_STACK_LEVEL),
            "ChargingScheduleMaxPeriods": str(MAX_PERIODS),
            "MaxChargingProfilesInstalled": str(MAX_PROFILES),
            "ConnectorSwitch3to1PhaseSupported": switches,
            "LocalAuthListMaxLength": str(LONGEST),
            "SendLocalListMaxLength": str(LONGEST),
            "ReserveConnectorZeroSupported": "false",
            "AuthorizeRemoteTxRequests": "false",
            "StopTransactionOnEVSideDisconnect": "true",
            "StopTransactionOnInvalidId": "true",
        }
