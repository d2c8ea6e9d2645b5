"""Where the logs of chargers are kept: a folder for each charger in Home Assistant's own."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import Final
from urllib.parse import unquote

from homeassistant.core import HomeAssistant

from .const import DOMAIN

KEPT: Final = timedelta(days=30)
"""As long as the chargers' own makers keep them (A12.10)."""
_LONGEST_NAME: Final = 80
"""Characters of what a charger calls its file."""
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_OURS: Final = f"{'[0-9]' * 8}T{'[0-9]' * 6}Z-*"
"""What begins with a stamp; people may keep files of their own in the same folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFile:
    """A log that a charger has sent."""

    path: str
    size: int
    """Bytes."""
    stored_at: datetime


def log_folder(hass: HomeAssistant, charger: str) -> Path:
    """Return the folder of a charger by its subentry id."""
    return Path(hass.config.path(DOMAIN, charger))


def log_path(folder: Path, name: str | None, now: datetime) -> Path:
    """Return where to store a file that a charger has given this name."""
    last = re.split(r"[/\\]", unquote(name or ""))[-1].strip()
    safe = re.sub(r"[^\w.-]+", "_", last, flags=re.ASCII)
    stamp = now.astimezone(UTC).strftime(_STAMP)
    return folder / f"{stamp}-{safe.lstrip('.')[-_LONGEST_NAME:] or 'log'}"


def list_logs(hass: HomeAssistant, charger: str) -> list[LogFile]:
    """Return the logs of a charger, the oldest first. Reads the disk."""
    logs = []
    for path in sorted(log_folder(hass, charger).glob(_OURS)):
        with suppress(FileNotFoundError):  # deleted meanwhile
            found = path.stat()
            stored_at = datetime.fromtimestamp(found.st_mtime, UTC)
            logs.append(LogFile(path=str(path), size=found.st_size, stored_at=stored_at))
    return logs


def delete_logs(hass: HomeAssistant, charger: str) -> int:
    """Delete the logs of a charger and return how many there were. Writes to the disk."""
    found = len(list_logs(hass, charger))
    rmtree(log_folder(hass, charger), ignore_errors=True)
    return found


def delete_old_logs(hass: HomeAssistant, now: datetime) -> None:
    """Delete the logs that have been kept for long enough, and nothing else. Writes to the disk."""
    folder = Path(hass.config.path(DOMAIN))
    for path in (*folder.glob(f"*/{_OURS}"), *folder.glob(f"*/.{_OURS}")):
        with suppress(FileNotFoundError):  # deleted meanwhile, as by another site
            if now.timestamp() - path.stat().st_mtime > KEPT.total_seconds():
                path.unlink()
