"""Runs a station's errands and tells how they go, in the words of all versions."""

from datetime import datetime

from .cabinet import BootReason, Cabinet, Restart
from .connector import StopReason
from .dialect import Dialect
from .errands import IDLE, FirmwareUpdate, LogUpload
from .transfers import TransferFailed, bring, fetch


class ErrandRunner:
    """Goes on with each errand as far as it can at every call."""

    def __init__(self, cabinet: Cabinet, dialect: Dialect) -> None:
        self._cabinet = cabinet
        self._dialect = dialect

    async def run(self, now: datetime) -> None:
        """Run what is due. Raises LinkClosed."""
        upload = self._cabinet.log_upload
        if upload and now >= upload.at:
            await self._upload(upload, now)
        update = self._cabinet.firmware_update
        if update and not update.fetched and now >= update.at:
            await self._download(update, now)
        if update and update.fetched and not self._cabinet.busy:
            await self._install(update)

    async def _upload(self, errand: LogUpload, now: datetime) -> None:
        await self._tell_upload(errand, "Uploading")
        try:
            await bring(errand.location, errand.file_name, self._log(errand, now))
        except TransferFailed:
            await self._tell_upload(errand, errand.kind.failure)
            self._cabinet.log_upload = errand if errand.try_again(now) else None
        else:
            await self._tell_upload(errand, "Uploaded")
            self._cabinet.log_upload = None
        self._cabinet.log_status = IDLE

    def _log(self, errand: LogUpload, now: datetime) -> str:
        states = [f"connector {c.number}: {c.status}" for c in self._cabinet.connectors.values()]
        head = f"{now.isoformat()} {errand.kind} of {self._cabinet.name}"
        return "\n".join([head, f"firmware {self._cabinet.firmware}", *states, ""])

    async def _download(self, errand: FirmwareUpdate, now: datetime) -> None:
        await self._tell_update(errand, "Downloading")
        try:
            await fetch(errand.location)
        except TransferFailed:
            await self._tell_update(errand, "DownloadFailed")
            if not errand.try_again(now):
                self._cabinet.firmware_update, self._cabinet.firmware_status = None, IDLE
        else:
            await self._tell_update(errand, "Downloaded")
            errand.fetched = True

    async def _install(self, errand: FirmwareUpdate) -> None:
        await self._tell_update(errand, "Installing")
        await self._tell_update(errand, "Installed")
        self._cabinet.firmware_update, self._cabinet.firmware_status = None, IDLE
        self._cabinet.firmware = errand.version
        self._cabinet.restart = Restart(BootReason.FIRMWARE_UPDATE, StopReason.REBOOT)

    async def _tell_update(self, errand: FirmwareUpdate, status: str) -> None:
        self._cabinet.firmware_status = status
        await self._dialect.tell_update(errand, status)

    async def _tell_upload(self, errand: LogUpload, status: str) -> None:
        self._cabinet.log_status = status
        await self._dialect.tell_upload(errand, status)
