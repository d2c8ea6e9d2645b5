"""Upkeep of a station that speaks OCPP 2: firmware, logs, availability, badges, reservations."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final, override

from ...base import ChargerRefused
from ...maintenance import FirmwareFile, LogRequest
from ..badges import replace_badges
from ..fields import as_text, to_wire
from ..library import answers
from ..stages import LOG_TYPES, LONGEST_NAME, firmware_stage, log_span, upload_stage
from .connection import Connection2

_RETRIES: Final = 3
_TAKEN: Final = ("Accepted", "AcceptedCanceled")
"""A request that is taken may end one that is under way."""


class Upkeep2(Connection2):
    """Messages that no current depends on."""

    @override
    async def unlock(self, connector: int) -> None:
        unlock = self._call.UnlockConnector(evse_id=connector, connector_id=1)
        await self._demand(unlock, "Unlocked")

    @override
    async def set_available(self, connector: int, *, available: bool) -> bool:
        change = self._call.ChangeAvailability(
            operational_status="Operative" if available else "Inoperative",
            evse={"id": connector} if connector else None,
        )
        status = await self._demand(change, "Accepted", "Scheduled")
        return status == "Accepted"

    @override
    async def update_firmware(self, firmware: FirmwareFile) -> None:
        file: dict[str, object] = {
            "location": firmware.url,
            "retrieve_date_time": to_wire(firmware.retrieve_at or self._now()),
        }
        if firmware.is_signed:
            file["signing_certificate"] = firmware.certificate
            file["signature"] = firmware.signature
        update = self._call.UpdateFirmware(
            request_id=next(self._ids), firmware=file, retries=_RETRIES
        )
        await self._demand(update, *_TAKEN)

    @override
    async def upload_log(self, url: str, request: LogRequest) -> str | None:
        command = self._call.GetLog(
            log=log_span(url, request),
            log_type=LOG_TYPES[request.kind],
            request_id=next(self._ids),
            retries=_RETRIES,
        )
        answer = await self.ask(command, self._config.command_timeout, ("status", "filename"))
        if answer.status not in _TAKEN:
            raise ChargerRefused(f"GetLog: {answer.status}")
        return as_text(answer.filename)

    @override
    async def send_badges(self, badges: Sequence[str]) -> None:
        await replace_badges(self, badges, self._list_version, self._send_badges)
        with suppress(ChargerRefused):
            await self.command(self._call.ClearCache())

    @override
    async def reserve(self, reservation: int, connector: int, badge: str, until: datetime) -> None:
        await self.command(
            self._call.ReserveNow(
                id=reservation,
                expiry_date_time=to_wire(until),
                id_token=_card(badge),
                evse_id=connector,
            )
        )

    @override
    async def cancel_reservation(self, reservation: int) -> None:
        await self.command(self._call.CancelReservation(reservation_id=reservation))

    async def _list_version(self) -> object:
        question = self._call.GetLocalListVersion()
        answer = await self.ask(question, self._config.errand_timeout, ("versionNumber",))
        return answer.version_number

    async def _send_badges(self, version: int, kind: str, badges: Sequence[str]) -> None:
        accepted = {"status": "Accepted"}
        entries = [{"id_token": _card(badge), "id_token_info": accepted} for badge in badges]
        await self.command(
            self._call.SendLocalList(
                version_number=version,
                update_type=kind,
                local_authorization_list=entries or None,
            )
        )

    @answers("FirmwareStatusNotification")
    def _on_firmware(self, /, **payload: object) -> object:
        if (stage := firmware_stage(payload.get("status"))) is not None:
            self._events.firmware_changed(stage)
        return self._call_result.FirmwareStatusNotification()

    @answers("LogStatusNotification")
    def _on_log_status(self, /, **payload: object) -> object:
        self._events.upload_changed(*upload_stage(payload.get("status")))
        return self._call_result.LogStatusNotification()

    @answers("SecurityEventNotification")
    def _on_security_event(self, /, **payload: object) -> object:
        """Take the name only: what the station says besides it may be secret."""
        name = as_text(payload.get("type")) or "?"
        self._events.security_event(name[:LONGEST_NAME])
        return self._call_result.SecurityEventNotification()


def _card(badge: str) -> dict[str, str]:
    """Return a badge as the card that it most likely is."""
    return {"id_token": badge, "type": "ISO14443"}
