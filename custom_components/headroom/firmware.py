"""The firmware that a person offers to a charger, and how its update goes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self

from homeassistant.util import dt as dt_util

from .chargers.maintenance import UNDER_WAY, FirmwareFile, FirmwareStage

PATIENCE: Final = timedelta(hours=6)
"""A charger that has told nothing for so long does not tell how its update ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareOffer:
    """A firmware for one charger, kept until another one is offered."""

    file: FirmwareFile
    version: str
    stage: FirmwareStage | None = None
    """None until the update is started; IDLE if it has ended and nobody said how."""
    before: str | None = None
    """What was installed when the update was started."""
    heard_at: datetime | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Restore what `to_json()` gave. Raises KeyError, TypeError or ValueError."""
        file = data["file"]
        stage = data["stage"]
        return cls(
            file=FirmwareFile(**file | {"retrieve_at": _moment(file["retrieve_at"])}),
            version=str(data["version"]),
            stage=None if stage is None else FirmwareStage(stage),
            before=data["before"],
            heard_at=_moment(data["heard_at"]),
        )

    def to_json(self) -> dict[str, Any]:
        """Return everything that must survive a restart."""
        retrieve_at, heard_at = self.file.retrieve_at, self.heard_at
        return asdict(self) | {
            "file": asdict(self.file)
            | {"retrieve_at": None if retrieve_at is None else retrieve_at.isoformat()},
            "heard_at": None if heard_at is None else heard_at.isoformat(),
        }

    @property
    def is_under_way(self) -> bool:
        """Return whether the update was started and has not ended."""
        return self.stage in UNDER_WAY

    def start(self, installed: str | None, now: datetime) -> FirmwareOffer:
        """Return the offer whose update begins; waiting for its time is no silence."""
        heard_at = max(now, self.file.retrieve_at or now)
        return replace(self, stage=FirmwareStage.WAITING, before=installed, heard_at=heard_at)

    def follow(
        self, told: FirmwareStage | None, installed: str | None, now: datetime
    ) -> FirmwareOffer:
        """Return the offer after what the charger tells; another version ends the update."""
        if not self.is_under_way or self.heard_at is None:
            return self
        if installed is not None and installed != self.before:
            return replace(self, stage=FirmwareStage.INSTALLED, heard_at=now)
        if now - self.heard_at > PATIENCE:
            return replace(self, stage=FirmwareStage.IDLE)
        has_begun = self.stage is not FirmwareStage.WAITING
        if told in {None, self.stage} or (told is FirmwareStage.IDLE and not has_begun):
            return self
        return replace(self, stage=told, heard_at=max(now, self.heard_at))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else dt_util.parse_datetime(text, raise_on_error=True)
