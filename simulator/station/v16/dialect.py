"""What a station says in OCPP 1.6J."""

from dataclasses import dataclass
from typing import Any, Final, override

from ocpp.v16 import call  # type: ignore[import-untyped]  # the package ships no types

from ..cabinet import BootReason, Trigger
from ..connector import NO_ERROR, End, News, StationConnector, Transaction
from ..dialect import Context, QueueingDialect, Welcome
from ..errands import FirmwareUpdate, LogKind, LogUpload
from ..link import Link
from ..meter import Sample
from ..protocol import Protocol
from ..times import timestamp
from .answers import Answers

_STATION: Final = 0
"""Number of the connector that means the whole station."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A meter value, and the transaction it belongs to."""

    transaction: Transaction | None
    value: dict[str, Any]


class Dialect16(QueueingDialect[News | Reading]):
    """The messages of OCPP 1.6J."""

    protocol = Protocol.OCPP_1_6

    @override
    def speaker(self, link: Link) -> Answers:
        return Answers(self.cabinet, link)

    @override
    async def boot(self, reason: BootReason) -> Welcome | None:
        answer = await self.ask(
            call.BootNotification(
                charge_point_vendor="Headroom",
                charge_point_model="Simulator",
                charge_point_serial_number=self.cabinet.name[:25],
                firmware_version=self.cabinet.firmware,
            )
        )
        return answer and Welcome(answer.status, answer.current_time, answer.interval)

    @override
    async def heartbeat(self) -> str | None:
        answer = await self.ask(call.Heartbeat())
        return answer and str(answer.current_time)

    @override
    async def authorizes(self, badge: str) -> bool:
        answer = await self.ask(call.Authorize(id_tag=badge))
        return answer is not None and answer.id_tag_info["status"] == "Accepted"

    @override
    async def tell_station(self) -> None:
        await self._send_status(_STATION, "Available", NO_ERROR)

    @override
    def status_of(self, connector: StationConnector) -> tuple[str, ...]:
        return connector.status, connector.error

    @override
    async def tell_status(self, connector: StationConnector) -> None:
        await self._send_status(connector.number, connector.status, connector.error)

    @override
    async def tell_triggered(self, trigger: Trigger) -> None:
        match trigger.message:
            case "FirmwareStatusNotification":
                await self.ask(call.FirmwareStatusNotification(self.cabinet.firmware_status))
            case "DiagnosticsStatusNotification":
                await self.ask(call.DiagnosticsStatusNotification(self.cabinet.log_status))
            case "StatusNotification":
                for connector in self.cabinet.selected(trigger.number):
                    await self.tell_status(connector)
            case _:
                for connector in self.cabinet.selected(trigger.number):
                    reading = self.entry_of_sample(connector, Context.TRIGGER, online=True)
                    await self._send_reading(connector, reading)

    @override
    async def tell_update(self, errand: FirmwareUpdate, status: str) -> None:
        await self.ask(call.FirmwareStatusNotification(status=status))

    @override
    async def tell_upload(self, errand: LogUpload, status: str) -> None:
        if errand.kind is LogKind.PLAIN:
            await self.ask(call.DiagnosticsStatusNotification(status=status))
        else:
            await self.ask(call.LogStatusNotification(status=status, request_id=errand.request))

    @override
    def entry_of_news(self, connector: StationConnector, news: News, *, online: bool) -> News:
        return news

    @override
    def entry_of_sample(
        self, connector: StationConnector, context: Context, *, online: bool
    ) -> Reading:
        samples = connector.meter.read(self.cabinet.preferences.measurands)
        value = {
            "timestamp": timestamp(self.cabinet.clock()),
            "sampled_value": [_worded(sample, context) for sample in samples],
        }
        return Reading(connector.transaction, value)

    @override
    async def send(self, connector: StationConnector, entry: News | Reading) -> bool:
        if isinstance(entry, Reading):
            await self._send_reading(connector, entry)
            return True
        if entry.end:
            return await self._tell_end(entry.transaction, entry.end)
        return await self._tell_start(connector, entry.transaction)

    async def _tell_start(self, connector: StationConnector, transaction: Transaction) -> bool:
        answer = await self.ask(
            call.StartTransaction(
                connector_id=connector.number,
                id_tag=transaction.start.badge,
                meter_start=transaction.meter_start,
                timestamp=timestamp(transaction.started_at),
                reservation_id=transaction.reservation,
            )
        )
        if answer is None:
            return False
        transaction.id = answer.transaction_id
        if answer.id_tag_info["status"] != "Accepted" and transaction is connector.transaction:
            connector.deauthorize(self.cabinet.clock())
        return True

    async def _tell_end(self, transaction: Transaction, end: End) -> bool:
        answer = await self.ask(
            call.StopTransaction(
                transaction_id=self._told_id(transaction),
                meter_stop=end.meter,
                timestamp=timestamp(end.at),
                reason=end.reason,
                id_tag=transaction.start.badge,
            )
        )
        return answer is not None

    async def _send_reading(self, connector: StationConnector, reading: Reading) -> None:
        transaction = reading.transaction
        await self.ask(
            call.MeterValues(
                connector_id=connector.number,
                transaction_id=self._told_id(transaction) if transaction else None,
                meter_value=[reading.value],
            )
        )

    def _told_id(self, transaction: Transaction) -> int | str | None:
        unknown = self.cabinet.faults.unknown_transaction
        return transaction.id if unknown is None else unknown

    async def _send_status(self, number: int, status: str, error: str) -> None:
        await self.ask(
            call.StatusNotification(
                connector_id=number,
                error_code=error,
                status=status,
                timestamp=timestamp(self.cabinet.clock()),
            )
        )


def _worded(sample: Sample, context: Context) -> dict[str, str]:
    words = {
        "measurand": sample.measurand,
        "value": f"{sample.value:.{sample.decimals}f}",
        "unit": sample.unit,
        "context": context,
        "location": "Outlet",
    }
    return words | ({"phase": sample.phase} if sample.phase else {})
