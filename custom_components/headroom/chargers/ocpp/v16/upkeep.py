"""Upkeep of a station that speaks OCPP 1.6J: firmware, logs, availability, reservations."""

from abc import ABC
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final, override

from ocpp.v16 import call, call_result  # type: ignore[import-untyped]

from ...base import ChargerRefused, ChargerUnable
from ...maintenance import FirmwareFile, LogKind, LogRequest
from ..badges import replace_badges
from ..connection import Connection
from ..fields import as_text, to_wire
from ..library import answers
from ..stages import LOG_TYPES, LONGEST_NAME, firmware_stage, log_span, upload_stage

_RETRIES: Final = 3


class Upkeep16(Connection, ABC):
    """Messages that no current depends on."""

    _triggers: tuple[type, ...] = (call.TriggerMessage, call.ExtendedTriggerMessage)
    """Ways to ask for a message, until it has shown which of them the station knows."""

    @override
    async def unlock(self, connector: int) -> None:
        status = await self.request(call.UnlockConnector(connector), self._config.command_timeout)
        if status == "NotSupported":
            raise ChargerUnable("UnlockConnector")
        if status != "Unlocked":
            raise ChargerRefused(f"UnlockConnector: {status}")

    @override
    async def set_available(self, connector: int, *, available: bool) -> bool:
        change = call.ChangeAvailability(connector, "Operative" if available else "Inoperative")
        status = await self.request(change, self._config.command_timeout)
        if status not in {"Accepted", "Scheduled"}:
            raise ChargerRefused(f"ChangeAvailability: {status}")
        return status == "Accepted"

    @override
    async def update_firmware(self, firmware: FirmwareFile) -> None:
        at = to_wire(firmware.retrieve_at or self._now())
        if firmware.is_signed:
            signed = {
                "location": firmware.url,
                "retrieve_date_time": at,
                "signing_certificate": firmware.certificate,
                "signature": firmware.signature,
            }
            await self.command(call.SignedUpdateFirmware(self._request_id(), signed, _RETRIES))
        else:
            # Its answer is empty: what the station makes of it shows in its notifications.
            update = call.UpdateFirmware(firmware.url, at, _RETRIES)
            await self.ask(update, self._config.command_timeout, ())

    @override
    async def upload_log(self, url: str, request: LogRequest) -> str | None:
        """Ask in the way of plain OCPP 1.6 first, which has no log of security."""
        if request.kind is LogKind.DIAGNOSTICS:
            with suppress(ChargerUnable):
                return await self._get_diagnostics(url, request)
        return await self._get_log(url, request)

    @override
    async def send_badges(self, badges: Sequence[str]) -> None:
        await replace_badges(self, badges, self._list_version, self._send_badges)
        with suppress(ChargerRefused):
            await self.command(call.ClearCache())

    @override
    async def reserve(self, reservation: int, connector: int, badge: str, until: datetime) -> None:
        await self.command(call.ReserveNow(connector, to_wire(until), badge, reservation))

    @override
    async def cancel_reservation(self, reservation: int) -> None:
        await self.command(call.CancelReservation(reservation))

    async def _list_version(self) -> object:
        question = call.GetLocalListVersion()
        answer = await self.ask(question, self._config.errand_timeout, ("listVersion",))
        return answer.list_version

    async def _send_badges(self, version: int, kind: str, badges: Sequence[str]) -> None:
        accepted = {"status": "Accepted"}
        entries = [{"id_tag": badge, "id_tag_info": accepted} for badge in badges]
        await self.command(call.SendLocalList(version, kind, entries))

    async def _get_diagnostics(self, url: str, request: LogRequest) -> str | None:
        command = call.GetDiagnostics(
            url,
            _RETRIES,
            start_time=_wire(request.since),
            stop_time=_wire(request.until),
        )
        answer = await self.ask(command, self._config.command_timeout, ("fileName",))
        if (name := as_text(answer.file_name)) is None:
            raise ChargerRefused("GetDiagnostics: there is nothing to send")
        return name

    async def _get_log(self, url: str, request: LogRequest) -> str | None:
        command = call.GetLog(
            log_span(url, request), LOG_TYPES[request.kind], self._request_id(), _RETRIES
        )
        answer = await self.ask(command, self._config.command_timeout, ("status", "filename"))
        if (status := as_text(answer.status)) not in {"Accepted", "AcceptedCanceled"}:
            raise ChargerRefused(f"GetLog: {status}")
        return as_text(answer.filename)

    def _request_id(self) -> int:
        """Return a number that no request of the last time had."""
        return int(self._now().timestamp()) % 2**31

    def _firmware(self, payload: dict[str, object]) -> None:
        if (stage := firmware_stage(payload.get("status"))) is not None:
            self._events.firmware_changed(stage)

    def _upload(self, payload: dict[str, object]) -> None:
        self._events.upload_changed(*upload_stage(payload.get("status")))

    @answers("DiagnosticsStatusNotification")
    def _on_diagnostics(self, /, **payload: object) -> call_result.DiagnosticsStatusNotification:
        self._upload(payload)
        return call_result.DiagnosticsStatusNotification()

    @answers("LogStatusNotification")
    def _on_log_status(self, /, **payload: object) -> call_result.LogStatusNotification:
        self._upload(payload)
        return call_result.LogStatusNotification()

    @answers("FirmwareStatusNotification")
    def _on_firmware(self, /, **payload: object) -> call_result.FirmwareStatusNotification:
        self._firmware(payload)
        return call_result.FirmwareStatusNotification()

    @answers("SignedFirmwareStatusNotification")
    def _on_signed_firmware(
        self, /, **payload: object
    ) -> call_result.SignedFirmwareStatusNotification:
        self._firmware(payload)
        return call_result.SignedFirmwareStatusNotification()

    @answers("SecurityEventNotification")
    def _on_security_event(self, /, **payload: object) -> call_result.SecurityEventNotification:
        """Take the name only: what the station says besides it may be secret."""
        name = as_text(payload.get("type")) or "?"
        self._events.security_event(name[:LONGEST_NAME])
        return call_result.SecurityEventNotification()


def _wire(moment: datetime | None) -> str | None:
    return None if moment is None else to_wire(moment)
