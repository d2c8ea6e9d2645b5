"""The variables of a station's device model (2.0.1 part 2, appendix 3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ...plant.ev import VOLTAGE
from ..cabinet import Cabinet
from ..link import ANSWER_TIMEOUT
from ..local_list import LONGEST
from ..preferences import MEASURANDS
from ..profiles import MAX_PERIODS, MAX_PROFILES, MAX_STACK_LEVEL
from ..protocol import Protocol
from ..times import timestamp
from .words import availability

ITEMS_PER_MESSAGE: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A variable with its actual value, or with the preference that has it."""

    component: str
    name: str
    kind: str
    value: str = ""
    preference: str | None = None
    instance: str | None = None
    evse: int | None = None
    connector: int | None = None
    unit: str | None = None
    choices: str | None = None
    maximum: float | None = None
    write_only: bool = False

    @property
    def mutability(self) -> str:
        """Return the word of the protocol for who may do what."""
        if self.write_only:
            return "WriteOnly"
        return "ReadOnly" if self.preference is None else "ReadWrite"

    @property
    def component_words(self) -> dict[str, Any]:
        """Return its component as messages name it."""
        evse = {"id": self.evse, "connector_id": self.connector}
        return {"name": self.component} | ({} if self.evse is None else {"evse": evse})

    @property
    def variable_words(self) -> dict[str, Any]:
        """Return its name as messages have it."""
        return {"name": self.name} | ({"instance": self.instance} if self.instance else {})


_CHANGEABLE: Final = (
    ("OCPPCommCtrlr", "HeartbeatInterval", "integer", "heartbeat_interval"),
    ("OCPPCommCtrlr", "WebSocketPingInterval", "integer", "ping_interval"),
    ("SampledDataCtrlr", "TxUpdatedInterval", "integer", "sample_interval"),
    ("SampledDataCtrlr", "TxUpdatedMeasurands", "MemberList", "measurands"),
    ("AlignedDataCtrlr", "Interval", "integer", "aligned_interval"),
    ("TxCtrlr", "EVConnectionTimeOut", "integer", "connection_timeout"),
    ("AuthCtrlr", "LocalAuthorizeOffline", "boolean", "authorizes_offline"),
    ("AuthCtrlr", "LocalPreAuthorize", "boolean", "authorizes_by_list"),
    ("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "boolean", "starts_unknown_offline"),
    ("LocalAuthListCtrlr", "Enabled", "boolean", "list_enabled"),
)
NEEDS_RESTART: Final = {"ping_interval"}
_ALL_MEASURANDS: Final = ",".join(MEASURANDS)
# What follows a slash is the instance of a variable.
_FIXED: Final = (
    ("SmartChargingCtrlr", "Enabled", "boolean", "true"),
    ("SmartChargingCtrlr", "Available", "boolean", "true"),
    ("SmartChargingCtrlr", "ProfileStackLevel", "integer", str(MAX_STACK_LEVEL)),
    ("SmartChargingCtrlr", "PeriodsPerSchedule", "integer", str(MAX_PERIODS)),
    ("SmartChargingCtrlr", "ExternalControlSignalsEnabled", "boolean", "false"),
    ("SmartChargingCtrlr", "NotifyChargingLimitWithSchedules", "boolean", "false"),
    ("SmartChargingCtrlr", "LimitChangeSignificance", "decimal", "1.0"),
    ("SampledDataCtrlr", "Enabled", "boolean", "true"),
    ("SampledDataCtrlr", "TxStartedMeasurands", "MemberList", _ALL_MEASURANDS),
    ("SampledDataCtrlr", "TxEndedMeasurands", "MemberList", _ALL_MEASURANDS),
    ("SampledDataCtrlr", "TxEndedInterval", "integer", "0"),
    ("AlignedDataCtrlr", "Measurands", "MemberList", _ALL_MEASURANDS),
    ("OCPPCommCtrlr", "OfflineThreshold", "integer", "60"),
    ("OCPPCommCtrlr", "NetworkConfigurationPriority", "SequenceList", "0"),
    ("OCPPCommCtrlr", "MessageTimeout/Default", "integer", f"{ANSWER_TIMEOUT:.0f}"),
    ("OCPPCommCtrlr", "QueueAllMessages", "boolean", "false"),
    ("OCPPCommCtrlr", "ResetRetries", "integer", "0"),
    ("OCPPCommCtrlr", "UnlockOnEVSideDisconnect", "boolean", "true"),
    ("TxCtrlr", "TxStartPoint", "MemberList", "PowerPathClosed"),
    ("TxCtrlr", "TxStopPoint", "MemberList", "EVConnected,Authorized"),
    ("TxCtrlr", "StopTxOnInvalidId", "boolean", "true"),
    ("TxCtrlr", "StopTxOnEVSideDisconnect", "boolean", "true"),
    ("AuthCtrlr", "Enabled", "boolean", "true"),
    ("AuthCtrlr", "AuthorizeRemoteStart", "boolean", "false"),
    ("ReservationCtrlr", "Enabled", "boolean", "true"),
    ("ReservationCtrlr", "NonEvseSpecific", "boolean", "false"),
    ("SecurityCtrlr", "SecurityProfile", "integer", "1"),
    ("ClockCtrlr", "TimeSource", "SequenceList", "Heartbeat"),
)


def variables(cabinet: Cabinet, protocol: Protocol) -> Iterator[Variable]:
    """Yield everything that a station's report contains."""
    for component, name, kind, preference in _CHANGEABLE:
        value = cabinet.preferences.read(preference)
        choices = _ALL_MEASURANDS if kind == "MemberList" else None
        yield Variable(
            component=component,
            name=name,
            kind=kind,
            value=value,
            preference=preference,
            unit="s" if kind == "integer" else None,
            choices=choices,
        )
    for component, full_name, kind, value in _FIXED:
        name, _, instance = full_name.partition("/")
        yield Variable(
            component=component, name=name, instance=instance or None, kind=kind, value=value
        )
    yield from _of_station(cabinet)
    if protocol is Protocol.OCPP_2_1:
        yield Variable(
            component="SmartChargingCtrlr",
            name="SupportsMaxOfflineDuration",
            kind="boolean",
            value="true" if cabinet.offline_limits else "false",
        )
    for number in cabinet.connectors:
        yield from _of_evse(cabinet, number)
        yield from _of_connector(cabinet, number)


def _of_station(cabinet: Cabinet) -> Iterator[Variable]:
    now = timestamp(cabinet.clock())
    yield Variable(component="ClockCtrlr", name="DateTime", kind="dateTime", value=now)
    switches = "true" if cabinet.limits.switches_phases else "false"
    for name in ("Phases3to1", "ACPhaseSwitchingSupported"):
        yield Variable(component="SmartChargingCtrlr", name=name, kind="boolean", value=switches)
    units = "W" if cabinet.faults.only_watt else "A,W"
    yield Variable(
        component="SmartChargingCtrlr",
        name="RateUnit",
        kind="MemberList",
        value=units,
        choices=units,
    )
    yield Variable(
        component="SmartChargingCtrlr",
        name="Entries",
        instance="ChargingProfiles",
        kind="integer",
        value=str(len(cabinet.profiles.find(lambda _profile: True))),
        maximum=MAX_PROFILES,
    )
    yield Variable(
        component="LocalAuthListCtrlr",
        name="Entries",
        kind="integer",
        value=str(len(cabinet.local_list)),
        maximum=LONGEST,
    )
    for instance in ("GetReport", "GetVariables", "SetVariables"):
        yield Variable(
            component="DeviceDataCtrlr",
            name="ItemsPerMessage",
            instance=instance,
            kind="integer",
            value=str(ITEMS_PER_MESSAGE),
        )
    yield Variable(
        component="SecurityCtrlr", name="BasicAuthPassword", kind="string", write_only=True
    )
    yield Variable(component="SecurityCtrlr", name="Identity", kind="string", value=cabinet.name)
    yield Variable(component="ChargingStation", name="SupplyPhases", kind="integer", value="3")


def _of_evse(cabinet: Cabinet, number: int) -> Iterator[Variable]:
    connector = cabinet.connectors[number]
    phases = len(connector.outlet.wiring.phases)
    power = sum(connector.outlet.terminals) * VOLTAGE
    yield Variable(
        component="EVSE",
        evse=number,
        name="Power",
        kind="decimal",
        value=f"{power:.0f}",
        unit="W",
        maximum=connector.outlet.max_current * VOLTAGE * phases,
    )
    yield Variable(
        component="EVSE", evse=number, name="SupplyPhases", kind="integer", value=str(phases)
    )
    yield Variable(component="EVSE", evse=number, name="AllowReset", kind="boolean", value="false")


def _of_connector(cabinet: Cabinet, number: int) -> Iterator[Variable]:
    connector = cabinet.connectors[number]
    phases = len(connector.outlet.wiring.phases)
    yield Variable(
        component="Connector",
        evse=number,
        connector=1,
        name="AvailabilityState",
        kind="OptionList",
        value=availability(connector.status),
    )
    yield Variable(
        component="Connector",
        evse=number,
        connector=1,
        name="ConnectorType",
        kind="string",
        value="cType2",
    )
    yield Variable(
        component="Connector",
        evse=number,
        connector=1,
        name="SupplyPhases",
        kind="integer",
        value=str(phases),
    )
