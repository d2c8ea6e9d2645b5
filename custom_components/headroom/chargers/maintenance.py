"""What keeps chargers in order: commands beside setpoints, and what becomes of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Command(StrEnum):
    """What only some chargers can be told; a charger may still refuse it."""

    UNLOCK = "unlock"
    AVAILABILITY = "availability"
    HARD_RESET = "hard_reset"
    FORCE_STOP = "force_stop"
    FIRMWARE = "firmware"
    LOG = "log"
    BADGES = "badges"
    RESERVATION = "reservation"
    POWER_LOSS = "power_loss"


class FirmwareStage(StrEnum):
    """How far an update of the firmware is."""

    WAITING = "waiting"
    DOWNLOADING = "downloading"
    DOWNLOADED = "downloaded"
    INSTALLING = "installing"
    INSTALLED = "installed"
    IDLE = "idle"
    """The charger does nothing of the kind, and does not say how the last update ended."""
    DOWNLOAD_FAILED = "download_failed"
    INSTALLATION_FAILED = "installation_failed"
    SIGNATURE_REFUSED = "signature_refused"


UNDER_WAY: Final = frozenset(
    {
        FirmwareStage.WAITING,
        FirmwareStage.DOWNLOADING,
        FirmwareStage.DOWNLOADED,
        FirmwareStage.INSTALLING,
    }
)
"""Stages of an update that has not ended."""


class UploadStage(StrEnum):
    """How far the upload of a log is."""

    IDLE = "idle"
    UPLOADING = "uploading"
    UPLOADED = "uploaded"
    FAILED = "failed"


class LogKind(StrEnum):
    """What a log is about."""

    DIAGNOSTICS = "diagnostics"
    SECURITY = "security"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareFile:
    """A firmware that a charger can fetch."""

    url: str
    retrieve_at: datetime | None = None
    """Not before this; at once if None."""
    signature: str | None = None
    certificate: str | None = None
    """The one, in PEM, that the signature was made with."""

    @property
    def is_signed(self) -> bool:
        """Return whether the charger can check where it comes from."""
        return self.signature is not None and self.certificate is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRequest:
    """A log that a charger shall send."""

    kind: LogKind = LogKind.DIAGNOSTICS
    since: datetime | None = None
    until: datetime | None = None


class NoticeKind(StrEnum):
    """What a charger gives notice of."""

    BOOT = "boot"
    FIRMWARE = "firmware"
    LOG = "log"
    SECURITY = "security"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that happened to a charger."""

    at: datetime
    """By Headroom's clock."""
    kind: NoticeKind
    detail: str


def notices_after(notices: tuple[Notice, ...], last: Notice | None) -> tuple[Notice, ...]:
    """Return the notices after one of them: all if that is not among them any more."""
    known = next((index for index, notice in enumerate(notices) if notice is last), -1)
    return notices[known + 1 :]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """What a charger has told of itself besides charging."""

    firmware: FirmwareStage | None = None
    upload: UploadStage | None = None
    continues: bool | None = None
    """Whether sessions go on after a power loss without a badge; None where that is no setting."""
    notices: tuple[Notice, ...] = ()
    """The last ones, the newest at the end."""
