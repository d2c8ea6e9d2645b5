"""What a station says in OCPP 2.0.1 and 2.1."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, ClassVar, Final, override
from uuid import NAMESPACE_URL, uuid5

from ..cabinet import BootReason, Cabinet, Trigger
from ..connector import End, News, StationConnector, StopReason, Transaction
from ..dialect import Ask, Context, QueueingDialect, Welcome
from ..errands import FirmwareUpdate, LogUpload
from ..link import Call, Link
from ..protocol import Protocol
from ..times import timestamp
from .answers import Answers
from .desk import Office
from .device_model import DeviceModel
from .words import WORDS_21, WORDS_201, Words, availability, evse_words, sample_words, token_words

_BEGIN: Final = "Transaction.Begin"
_END: Final = "Transaction.End"
_TRIGGER_REASONS: Final = {
    Context.PERIODIC: "MeterValuePeriodic",
    Context.CLOCK: "MeterValueClock",
    Context.TRIGGER: "Trigger",
}
_STOPS: Final = {
    StopReason.DEAUTHORIZED: ("DeAuthorized", "Deauthorized"),
    StopReason.CAR_GONE: ("EVDisconnected", "EVDeparted"),
    StopReason.HARD_RESET: ("ImmediateReset", "ResetCommand"),
    StopReason.SOFT_RESET: ("ImmediateReset", "ResetCommand"),
    StopReason.POWER_LOSS: ("PowerLoss", "AbnormalCondition"),
    StopReason.REBOOT: ("Reboot", "ResetCommand"),
    StopReason.REMOTE: ("Remote", "RemoteStop"),
    StopReason.UNLOCKED: ("Other", "UnlockCommand"),
}
"""Stopped reason and trigger reason."""


@dataclass(slots=True)
class _Told:
    """What has been noted of a transaction."""

    numbers: count[int]
    state: str


class Dialect2(QueueingDialect[Call]):
    """The messages of OCPP 2.x; an entry is one that is ready to be sent."""

    words: ClassVar[Words]

    def __init__(self, cabinet: Cabinet, ask: Ask) -> None:
        super().__init__(cabinet, ask)
        self.model = DeviceModel(cabinet, self.protocol)
        self._told: defaultdict[int, _Told] = defaultdict(lambda: _Told(count(), ""))
        for connector in cabinet.connectors.values():
            connector.name_transaction = self._namer(connector)

    @override
    def speaker(self, link: Link) -> Answers:
        office = Office(
            cabinet=self.cabinet,
            model=self.model,
            words=self.words,
            outbox=self.outbox,
            queues=self.queues,
        )
        return Answers(office, link)

    @override
    def status_of(self, connector: StationConnector) -> tuple[str, ...]:
        return (availability(connector.status),)

    @override
    async def boot(self, reason: BootReason) -> Welcome | None:
        answer = await self.ask(
            self.words.call.BootNotification(
                charging_station={
                    "model": "Simulator",
                    "vendor_name": "Headroom",
                    "serial_number": self.cabinet.name[:25],
                    "firmware_version": self.cabinet.firmware,
                },
                reason=reason,
            )
        )
        return answer and Welcome(answer.status, answer.current_time, answer.interval)

    @override
    async def heartbeat(self) -> str | None:
        answer = await self.ask(self.words.call.Heartbeat())
        return answer and str(answer.current_time)

    @override
    async def authorizes(self, badge: str) -> bool:
        answer = await self.ask(self.words.call.Authorize(id_token=token_words(badge)))
        return answer is not None and answer.id_token_info["status"] == "Accepted"

    @override
    async def tell_station(self) -> None:
        """Do nothing: there is no status of the whole station any more."""

    @override
    async def tell_status(self, connector: StationConnector) -> None:
        (status,) = self.status_of(connector)
        await self.ask(
            self.words.call.StatusNotification(
                timestamp=timestamp(self.cabinet.clock()),
                connector_status=status,
                evse_id=connector.number,
                connector_id=1,
            )
        )

    @override
    async def tell_triggered(self, trigger: Trigger) -> None:
        call = self.words.call
        match trigger.message:
            case "FirmwareStatusNotification":
                status, errand = self.cabinet.firmware_status, self.cabinet.firmware_update
                request = errand.request if errand else None
                await self.ask(call.FirmwareStatusNotification(status=status, request_id=request))
            case "LogStatusNotification":
                await self.ask(call.LogStatusNotification(status=self.cabinet.log_status))
            case message:
                for connector in self.cabinet.selected(trigger.number):
                    await self._tell_triggered_of(connector, message)

    async def _tell_triggered_of(self, connector: StationConnector, message: str) -> None:
        match message:
            case "StatusNotification":
                await self.tell_status(connector)
            case "MeterValues":
                await self.ask(self._meter_values(connector, Context.TRIGGER))
            case _ if connector.transaction:
                entry = self.entry_of_sample(connector, Context.TRIGGER, online=True)
                self.queues[connector.number].append(entry)

    @override
    async def tell_update(self, errand: FirmwareUpdate, status: str) -> None:
        await self.ask(
            self.words.call.FirmwareStatusNotification(status=status, request_id=errand.request)
        )

    @override
    async def tell_upload(self, errand: LogUpload, status: str) -> None:
        await self.ask(
            self.words.call.LogStatusNotification(status=status, request_id=errand.request)
        )

    @override
    def entries_of_state(self, connector: StationConnector, *, online: bool) -> Iterable[Call]:
        running = connector.transaction
        if running and _charging_state(connector) != self._told[connector.number].state:
            yield self._event(
                connector,
                running,
                "Updated",
                "ChargingStateChanged",
                online=online,
                number_of_phases_used=connector.outlet.connected_phases or None,
            )

    @override
    def entry_of_news(self, connector: StationConnector, news: News, *, online: bool) -> Call:
        if news.end:
            return self._ended(connector, news.transaction, news.end, online=online)
        transaction = news.transaction
        self._told[connector.number] = _Told(count(), "")
        return self._event(
            connector,
            transaction,
            "Started",
            "RemoteStart" if transaction.start.remote else "Authorized",
            online=online,
            meter_value=[self._meter_value(connector, _BEGIN)],
            evse=evse_words(connector.number),
            id_token=token_words(transaction.start.badge),
            reservation_id=transaction.reservation,
            info={"remote_start_id": transaction.start.remote_id},
        )

    def _ended(
        self, connector: StationConnector, transaction: Transaction, end: End, *, online: bool
    ) -> Call:
        stopped, trigger = _STOPS[end.reason]
        return self._event(
            connector,
            transaction,
            "Ended",
            trigger,
            online=online,
            at=end.at,
            meter_value=[self._meter_value(connector, _END)],
            info={"stopped_reason": stopped},
        )

    @override
    def entry_of_sample(
        self, connector: StationConnector, context: Context, *, online: bool
    ) -> Call:
        if connector.transaction is None:
            return self._meter_values(connector, context)
        return self._event(
            connector,
            connector.transaction,
            "Updated",
            _TRIGGER_REASONS[context],
            online=online,
            meter_value=[self._meter_value(connector, context)],
        )

    @override
    async def send(self, connector: StationConnector, entry: Call) -> bool:
        answer = await self.ask(entry)
        if not isinstance(entry, self.words.call.TransactionEvent):
            return True
        if answer is None:
            return False
        refused = answer.id_token_info and answer.id_token_info["status"] != "Accepted"
        running = connector.transaction
        if refused and running and entry.transaction_info["transaction_id"] == running.id:
            connector.deauthorize(self.cabinet.clock())
        return True

    def _event(
        self,
        connector: StationConnector,
        transaction: Transaction,
        kind: str,
        trigger: str,
        *,
        online: bool,
        at: datetime | None = None,
        info: dict[str, Any] | None = None,
        **more: Any,  # noqa: ANN401 - fields of the message
    ) -> Call:
        told = self._told[connector.number]
        told.state = _charging_state(connector)
        unknown = self.cabinet.faults.unknown_transaction if kind != "Started" else None
        return self.words.call.TransactionEvent(
            event_type=kind,
            timestamp=timestamp(at or self.cabinet.clock()),
            trigger_reason=trigger,
            seq_no=next(told.numbers),
            offline=None if online else True,
            transaction_info={
                "transaction_id": str(transaction.id if unknown is None else unknown),
                "charging_state": told.state,
                **(info or {}),
            },
            **more,
        )

    def _meter_values(self, connector: StationConnector, context: Context) -> Call:
        value = self._meter_value(connector, context)
        return self.words.call.MeterValues(evse_id=connector.number, meter_value=[value])

    def _meter_value(self, connector: StationConnector, context: str) -> dict[str, Any]:
        samples = connector.meter.read(self.cabinet.preferences.measurands)
        return {
            "timestamp": timestamp(self.cabinet.clock()),
            "sampled_value": [sample_words(sample, context) for sample in samples],
        }

    def _namer(self, connector: StationConnector) -> Callable[[datetime], str]:
        place, numbers = f"{self.cabinet.name}/{connector.number}", count()
        # A clock that is set back must not give a name twice.
        return lambda now: str(uuid5(NAMESPACE_URL, f"{place}/{next(numbers)}/{now.isoformat()}"))


class Dialect201(Dialect2):
    """The messages of OCPP 2.0.1."""

    protocol = Protocol.OCPP_2_0_1
    words = WORDS_201


class Dialect21(Dialect2):
    """The messages of OCPP 2.1."""

    protocol = Protocol.OCPP_2_1
    words = WORDS_21


_STATES: Final = {
    "Charging": "Charging",
    "SuspendedEV": "SuspendedEV",
    "SuspendedEVSE": "SuspendedEVSE",
    "Faulted": "SuspendedEVSE",
}


def _charging_state(connector: StationConnector) -> str:
    if connector.transaction is None:
        return "EVConnected" if connector.outlet.car else "Idle"
    return _STATES[connector.status]
