"""Errands that take a station some time: firmware to install and logs to bring away."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

IDLE: Final = "Idle"
"""Status of an errand that nobody runs."""


class LogKind(StrEnum):
    """What a log is about; the version words it."""

    DIAGNOSTICS = "DiagnosticsLog"
    SECURITY = "SecurityLog"
    DATA_COLLECTOR = "DataCollectorLog"
    PLAIN = "Diagnostics"
    """GetDiagnostics of OCPP 1.6, which has a status message of its own."""

    @property
    def failure(self) -> str:
        """Return the status that means that it could not be brought away."""
        return "UploadFailed" if self is LogKind.PLAIN else "UploadFailure"


@dataclass(slots=True, kw_only=True)
class Errand:
    """Something to fetch from or to bring to a location, not before a time."""

    location: str
    at: datetime
    retries: int = 0
    pause: timedelta = timedelta()
    """Between two tries."""
    request: int | None = None
    """Number that the central system has given it."""

    def try_again(self, now: datetime) -> bool:
        """Wait for another try, if there is one left."""
        self.retries -= 1
        self.at = now + self.pause
        return self.retries >= 0


@dataclass(slots=True, kw_only=True)
class FirmwareUpdate(Errand):
    """Firmware to install as soon as no transaction runs."""

    fetched: bool = False

    @property
    def version(self) -> str:
        """Return the version, which is the name of the file."""
        return PurePosixPath(urlsplit(self.location).path).stem[:50]


@dataclass(slots=True, kw_only=True)
class LogUpload(Errand):
    """A log to bring away as a text file."""

    kind: LogKind
    file_name: str
