"""What a central system may choose at a station, in any version of the protocol."""

from dataclasses import dataclass
from typing import Final

MEASURANDS: Final = (
    "Current.Import",
    "Voltage",
    "Power.Active.Import",
    "Energy.Active.Import.Register",
    "Current.Offered",
)


@dataclass(slots=True)
class Preferences:
    """The choices; intervals in s, 0 switches one off."""

    heartbeat_interval: int = 60
    sample_interval: int = 10
    """Between the samples of a running transaction."""
    aligned_interval: int = 0
    """Between the samples that are taken by the clock, outside transactions."""
    connection_timeout: int = 60
    """So long a remote start waits for a car."""
    ping_interval: int = 0
    """Of the websocket; counts from the next connection on."""
    measurands: tuple[str, ...] = MEASURANDS
    list_enabled: bool = True
    authorizes_offline: bool = True
    """Whether the local list counts while offline."""
    authorizes_by_list: bool = False
    """Whether the local list counts online, without a question."""
    starts_unknown_offline: bool = True
    """Whether badges that are not on the list start while offline."""

    def read(self, name: str) -> str:
        """Return a choice as text, as the protocols carry it."""
        value = getattr(self, name)
        if isinstance(value, bool):
            return "true" if value else "false"
        return ",".join(value) if isinstance(value, tuple) else str(value)

    def write(self, name: str, text: str) -> None:
        """Take over a choice. Raises ValueError if it cannot be."""
        old = getattr(self, name)
        if isinstance(old, bool):
            setattr(self, name, _switch(text))
        elif isinstance(old, int):
            setattr(self, name, _seconds(text))
        else:
            setattr(self, name, _measurands(text))


def _switch(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError("a switch is true or false")
    return text == "true"


def _seconds(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("an interval is a whole number of seconds")
    return int(text)


def _measurands(text: str) -> tuple[str, ...]:
    names = tuple(name for name in text.split(",") if name)
    if not set(names) <= set(MEASURANDS):
        raise ValueError("unknown measurand")
    return names
