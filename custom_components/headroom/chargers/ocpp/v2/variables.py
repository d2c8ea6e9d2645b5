"""The settings of a station as variables of its device model (OCPP 2.0.1, B05 to B08)."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import Final, NamedTuple

from ..fields import as_int, as_mapping, as_text, mappings
from ..traits import Setting

type Key = tuple[str, str, str]
"""What tells variables apart, in lower case."""
type Values = dict[Key, str]


class Variable(NamedTuple):
    """A variable of a component, as chargers name both."""

    component: str
    name: str
    instance: str | None = None

    @property
    def key(self) -> Key:
        """Return what tells it apart, whatever its case."""
        return self.component.lower(), self.name.lower(), (self.instance or "").lower()

    @property
    def fields(self) -> dict[str, object]:
        """Return it as messages name it."""
        variable = {"name": self.name, "instance": self.instance}
        return {"component": {"name": self.component}, "variable": variable}


STANDARD: Final = {
    Setting.STACK_LEVEL: Variable("SmartChargingCtrlr", "ProfileStackLevel"),
    Setting.UNITS: Variable("SmartChargingCtrlr", "RateUnit"),
    Setting.PERIODS: Variable("SmartChargingCtrlr", "PeriodsPerSchedule"),
    Setting.SWITCHES_PHASES: Variable("SmartChargingCtrlr", "Phases3to1"),
    Setting.MEASURANDS: Variable("SampledDataCtrlr", "TxUpdatedMeasurands"),
    Setting.METER_INTERVAL: Variable("SampledDataCtrlr", "TxUpdatedInterval"),
    Setting.HEARTBEAT_INTERVAL: Variable("OCPPCommCtrlr", "HeartbeatInterval"),
    Setting.PING_INTERVAL: Variable("OCPPCommCtrlr", "WebSocketPingInterval"),
    Setting.LIST_ENABLED: Variable("LocalAuthListCtrlr", "Enabled"),
    Setting.LIST_PART: Variable("LocalAuthListCtrlr", "ItemsPerMessage"),
}
"""The other settings are no variables."""
_OTHERWISE: Final = {
    Setting.STACK_LEVEL: Variable("SmartChargingCtrlr", "ChargingProfileMaxStackLevel"),
    Setting.UNITS: Variable("SmartChargingCtrlr", "ChargingScheduleChargingRateUnit"),
}
"""Names of chargers that do not keep to the standard."""
MOST_PROFILES: Final = Variable("SmartChargingCtrlr", "Entries", "ChargingProfiles")
"""Its value tells how many there are; how many there may be is the highest value it can have."""
AVAILABILITY: Final = Variable("Connector", "AvailabilityState")
"""The status of a socket."""
_PER_MESSAGE: Final = Variable("DeviceDataCtrlr", "ItemsPerMessage", "GetVariables")
_FEW: Final = 4
"""So many variables in one message are not too many for small chargers."""
_LONGEST_VALUE: Final = 500
"""Characters; no value that is asked for is longer."""

type Get = Callable[[Sequence[Variable]], Awaitable[Values | None]]
"""Asks for values; gives None if there is no answer."""
type Report = Callable[[], Awaitable[Values]]


class DeviceModel:
    """Reads the settings of one station, which may answer some questions and not others."""

    def __init__(self, get: Get, report: Report) -> None:
        self._get = get
        self._report = report
        self._may_report = True
        self._per_message: int | None = None

    async def read(self, settings: Iterable[Setting]) -> dict[Setting, str]:
        """Return the values of settings, as far as the station gives them."""
        wanted = tuple(settings)
        found: dict[Setting, str] = {}
        for names in (STANDARD, _OTHERWISE):
            asked = {s: names[s] for s in wanted if s in names and s not in found}
            values = await self._values(tuple(asked.values()))
            if values is None:
                break
            found |= {s: values[v.key] for s, v in asked.items() if v.key in values}
        may_report, self._may_report = self._may_report, False
        if found or not may_report:
            return found
        return _settings(await self._report(), wanted)

    async def _values(self, variables: Sequence[Variable]) -> Values | None:
        """Return the values of variables; None without any answer."""
        found: Values | None = None
        for few in batched(variables, await self._most_per_message(), strict=False):
            values = await self._get(few)
            if values is None:
                break
            found = (found or {}) | values
        return found

    async def _most_per_message(self) -> int:
        if self._per_message is None:
            values = await self._get((_PER_MESSAGE,)) or {}
            said = as_int(values.get(_PER_MESSAGE.key))
            self._per_message = said if said is not None and said > 0 else _FEW
        return self._per_message


def key_of(item: Mapping[str, object]) -> Key:
    """Return the key of the variable that a part of a message is about."""
    component, variable = as_mapping(item.get("component")), as_mapping(item.get("variable"))
    return Variable(
        as_text(component.get("name")) or "",
        as_text(variable.get("name")) or "",
        as_text(variable.get("instance")),
    ).key


def results(answer: object) -> Iterator[tuple[Key, Mapping[str, object]]]:
    """Yield what a station answers for each variable, in whatever order."""
    for item in mappings(answer):
        yield key_of(item), item


def as_value(value: object) -> str | None:
    """Return a value as text, also from a number or a list; None if there is none."""
    if isinstance(value, list):
        value = ",".join(map(str, value))
    return str(value)[:_LONGEST_VALUE] if isinstance(value, str | int | float) else None


def _settings(reported: Values, wanted: Iterable[Setting]) -> dict[Setting, str]:
    """Return the settings that a report has."""
    found: dict[Setting, str] = {}
    for setting in wanted:
        for names in (STANDARD, _OTHERWISE, {Setting.PROFILES: MOST_PROFILES}):
            if setting in names and (value := reported.get(names[setting].key)) is not None:
                found.setdefault(setting, value)
    return found
