"""One connection of a station that speaks OCPP 2.0.1 or 2.1: what both have in common."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any, ClassVar, Final, override

from aiohttp import web

from ...base import ChargerError, ChargerInfo, ChargerRefused
from ..commands import ClearCommand, LimitCommand
from ..config import CentralSystemConfig
from ..connection import Connection, StationEvents
from ..fields import as_int, as_mapping, as_text, as_time, mappings, to_wire
from ..library import always, answers
from ..schedule import COMPOSITE_SPAN, limit_now
from ..traits import Setting, Unit
from ..transactions import TransactionId
from .answers import Answer
from .evse import by_sockets
from .profiles import Profile, charging_profile
from .reports import Report
from .samples import read_samples
from .transactions import TransactionEvent, Transactions, connector_of
from .variables import (
    AVAILABILITY,
    STANDARD,
    DeviceModel,
    Values,
    Variable,
    as_value,
    key_of,
    results,
)

_LOGGER = logging.getLogger(__name__)

_REPORTS: Final = ("FullInventory", "ConfigurationInventory")
"""The second is smaller, but lacks what nobody can change."""
_MOST_SOCKETS: Final = 8
_NO_CARDS: Final = frozenset({"Central", "eMAID", "MacAddress", "NoAuthorization", "EVCCID", "VIN"})
"""Types of tokens that nobody holds against a charger: cars and back ends name them."""
_NO_LOSS: Final = frozenset(
    {
        "ApplicationReset",
        "FirmwareUpdate",
        "LocalReset",
        "RemoteReset",
        "ScheduledReset",
        "Triggered",
    }
)
"""Reasons for a start without a loss of power (OCPP 2.0.1, 3.5)."""
_HIGHEST_ID: Final = 2**31


class Connection2(Connection):
    """A charger that speaks OCPP 2.

    Its handlers take whatever fields come, `self` included. A connector of Headroom is an EVSE.
    """

    compresses = True
    longest_badge = 36
    fixed_answers: ClassVar[Mapping[str, Answer]]

    def __init__(
        self,
        name: str,
        socket: web.WebSocketResponse,
        request: web.BaseRequest,
        *,
        events: StationEvents,
        config: CentralSystemConfig,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(name, socket, request, events=events, config=config, now=now)
        for action, fields in self.fixed_answers.items():
            self.route_map[action] = always(getattr(self._call_result, action)(**fields))
        self._ids = count(int(now().timestamp()) % _HIGHEST_ID)
        self._transactions = Transactions(events)
        self._sockets: dict[int, dict[int, str]] = {}
        self._report: Report | None = None
        self._device = DeviceModel(self._get_variables, self._get_report)

    @override
    async def command(self, command: object, patience: timedelta | None = None) -> None:
        await self._demand(command, "Accepted", patience=patience)

    @override
    async def install(self, command: LimitCommand) -> None:
        await self._install(command, charging_profile(command))

    @override
    async def clear(self, command: ClearCommand) -> None:
        clear = self._call.ClearChargingProfile(charging_profile_id=command.profile_id)
        await self._demand(clear, "Accepted", "Unknown")

    @override
    async def read_settings(self, settings: Iterable[Setting]) -> dict[Setting, str]:
        return await self._device.read(settings)

    @override
    async def configure(self, setting: Setting, value: str) -> bool:
        if (variable := STANDARD.get(setting)) is None:
            return False
        change = self._call.SetVariables([variable.fields | {"attribute_value": value}])
        answer = await self._try(change, "setVariableResult")
        found = {} if answer is None else dict(results(answer.set_variable_result))
        status = as_text(found.get(variable.key, {}).get("attribute_status"))
        return status in {"Accepted", "RebootRequired"}

    @override
    async def trigger(self, message: str, connector: int | None = None) -> bool:
        if message == "MeterValues" and connector is not None:
            during = await self._trigger("TransactionEvent", {"id": connector})
            return during or await self._trigger(message, {"id": connector})
        if message == "StatusNotification" and connector is not None:
            is_told = await self._trigger(message, {"id": connector, "connector_id": 1})
            # A status tells no more than that there is a car
            return await self._trigger_state(connector) or is_told
        return await self._trigger(message)

    @override
    async def composite(self, connector: int, unit: Unit) -> float | None:
        question = self._call.GetCompositeSchedule(
            duration=COMPOSITE_SPAN, evse_id=connector, charging_rate_unit=unit.value
        )
        answer = await self._try(question, "status", "schedule")
        return None if answer is None else limit_now(answer.schedule, unit)

    @override
    async def start_session(self, connector: int, badge: str) -> None:
        await self.command(
            self._call.RequestStartTransaction(
                id_token={"id_token": badge, "type": "Central"},
                remote_start_id=next(self._ids),
                evse_id=connector,
            )
        )

    @override
    async def stop_session(self, transaction: TransactionId) -> None:
        try:
            await self.command(self._call.RequestStopTransaction(transaction_id=str(transaction)))
        except ChargerRefused:
            if not await self._end_phantom(str(transaction)):
                raise

    @override
    async def reset(self, *, hard: bool) -> None:
        reset = self._call.Reset(type="Immediate" if hard else "OnIdle")
        await self._demand(reset, "Accepted", "Scheduled")

    async def _install(self, command: LimitCommand, profile: Profile) -> None:
        await self.command(
            self._call.SetChargingProfile(evse_id=command.target, charging_profile=profile),
            self.patience(command),
        )

    async def _demand(
        self, command: object, *accepted: str, patience: timedelta | None = None
    ) -> str:
        """Send a command and return its status. Raises ChargerError unless it is one of those."""
        patience = patience or self._config.command_timeout
        answer = await self.ask(command, patience, ("status", "statusInfo"))
        if answer.status not in accepted:
            reason = as_text(as_mapping(answer.status_info).get("reason_code"))
            why = f" ({reason:.50})" if reason else ""
            raise ChargerRefused(f"{type(command).__name__}: {answer.status}{why}")
        return str(answer.status)

    async def _try(self, errand: object, *fields: str) -> Any:  # noqa: ANN401 - the library has no types
        """Send what no current depends on and return its answer; None without a proper one."""
        try:
            return await self.ask(errand, self._config.errand_timeout, fields)
        except ChargerError as error:
            _LOGGER.debug("Station %s does not carry it out: %r", self.id, error)
            return None

    async def _trigger(self, message: str, evse: Mapping[str, int] | None = None) -> bool:
        trigger = self._call.TriggerMessage(requested_message=message, evse=evse)
        answer = await self._try(trigger, "status")
        return answer is not None and answer.status == "Accepted"

    async def _trigger_state(self, connector: int) -> bool:
        """Ask how the transaction of a connector goes on, if it does."""
        data = self._events.connectors.get(connector)
        session = None if data is None else data.session
        if session is not None and await self._end_phantom(session.id):
            return False
        return await self._trigger("TransactionEvent", {"id": connector})

    async def _end_phantom(self, transaction: str) -> bool:
        """Close a transaction if the charger has neither it nor news of it (E14)."""
        question = self._call.GetTransactionStatus(transaction_id=transaction)
        answer = await self._try(question, "ongoingIndicator", "messagesInQueue")
        if answer is None:
            return False
        if answer.ongoing_indicator is not False or answer.messages_in_queue is not False:
            return False
        await self._transactions.close(transaction)
        return True

    def _show(self, evse: object, socket: object, word: object, at: object) -> None:
        """Tell the status of a socket, which some chargers tell by an event (G01)."""
        connector = connector_of(self._events, as_int(evse) or 0)
        if (data := self._events.connectors.get(connector)) is None:
            return
        sockets = self._sockets.setdefault(connector, {})
        sockets[(as_int(socket) or 0) % _MOST_SOCKETS] = as_text(word) or ""
        status = by_sockets(sockets.values(), data.status)
        self._events.status_changed(connector, status, None, as_time(at))

    async def _get_variables(self, variables: Sequence[Variable]) -> Values | None:
        question = self._call.GetVariables([variable.fields for variable in variables])
        answer = await self._try(question, "getVariableResult")
        if answer is None:
            return None
        values: Values = {}
        for key, result in results(answer.get_variable_result):
            if (value := as_value(result.get("attribute_value"))) is not None:
                values[key] = value
        return values

    async def _get_report(self) -> Values:
        """Return what the station reports, in the first way that it knows."""
        for base in _REPORTS:
            self._report = Report(next(self._ids))
            question = self._call.GetBaseReport(
                request_id=self._report.request_id, report_base=base
            )
            answer = await self._try(question, "status")
            if answer is not None and answer.status == "Accepted":
                return await self._report.collect(self._config.errand_timeout)
        return {}

    @answers("BootNotification")
    def _on_boot(self, /, **payload: object) -> object:
        if not self._events.admits:
            return self._answer_boot("Pending", self._config.pending_interval)
        station = as_mapping(payload.get("charging_station"))
        if "charge_point_vendor" in payload or "charge_point_model" in payload:
            self.complain(
                "a BootNotification of OCPP 1.6; choose that version in the form of the charger"
            )
        self._events.booted(
            ChargerInfo(
                vendor=as_text(station.get("vendor_name") or payload.get("charge_point_vendor")),
                model=as_text(station.get("model") or payload.get("charge_point_model")),
                serial=as_text(station.get("serial_number")),
                firmware=as_text(
                    station.get("firmware_version") or payload.get("firmware_version")
                ),
            ),
            after_loss=as_text(payload.get("reason")) not in _NO_LOSS,
        )
        return self._answer_boot("Accepted", self._config.heartbeat_interval)

    @answers("Authorize")
    def _on_authorize(self, /, **payload: object) -> object:
        token = as_mapping(payload.get("id_token"))
        badge = as_text(token.get("id_token"))
        if badge and as_text(token.get("type")) not in _NO_CARDS:
            self._events.tapped(badge)
        return self._call_result.Authorize(id_token_info={"status": "Accepted"})

    def _answer_boot(self, status: str, interval: timedelta) -> object:
        return self._call_result.BootNotification(
            current_time=to_wire(self._now()),
            interval=int(interval.total_seconds()),
            status=status,
        )

    @answers("Heartbeat")
    def _on_heartbeat(self, /, **_: object) -> object:
        return self._call_result.Heartbeat(current_time=to_wire(self._now()))

    @answers("StatusNotification")
    def _on_status(self, /, **payload: object) -> object:
        evse, socket = payload.get("evse_id"), payload.get("connector_id")
        self._show(evse, socket, payload.get("connector_status"), payload.get("timestamp"))
        return self._call_result.StatusNotification()

    @answers("NotifyEvent")
    def _on_event(self, /, **payload: object) -> object:
        for event in mappings(payload.get("event_data")):
            if key_of(event) == AVAILABILITY.key:
                evse = as_mapping(as_mapping(event.get("component")).get("evse"))
                value, at = event.get("actual_value"), event.get("timestamp")
                self._show(evse.get("id"), evse.get("connector_id"), value, at)
        return self._call_result.NotifyEvent()

    @answers("TransactionEvent")
    async def _on_transaction(self, /, **payload: object) -> object:
        await self._transactions.take(TransactionEvent.read(payload))
        accepted = {"status": "Accepted"} if payload.get("id_token") is not None else None
        return self._call_result.TransactionEvent(id_token_info=accepted)

    @answers("MeterValues")
    async def _on_meter_values(self, /, **payload: object) -> object:
        connector = connector_of(self._events, as_int(payload.get("evse_id")) or 0)
        samples = read_samples(payload.get("meter_value"))
        await self._events.metered(connector, None, samples)
        return self._call_result.MeterValues()

    @answers("NotifyReport")
    def _on_report(self, /, **payload: object) -> object:
        report = self._report
        if report is not None and as_int(payload.get("request_id")) == report.request_id:
            report.take(payload)
        return self._call_result.NotifyReport()

    @answers("NotifyChargingLimit")
    def _on_external_limit(self, /, **payload: object) -> object:
        external = self._events.external
        if external.note(payload):
            _LOGGER.info("Station %s is limited by others: %s", self.id, *external.shown)
        return self._call_result.NotifyChargingLimit()

    @answers("ClearedChargingLimit")
    def _on_external_end(self, /, **payload: object) -> object:
        if self._events.external.clear(payload):
            _LOGGER.info("Station %s is no longer limited by others", self.id)
        return self._call_result.ClearedChargingLimit()
