"""What every charger looks like to the rest of Headroom, whatever it speaks."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from ..engine.currents import PerPhase
from ..engine.snapshot import ConnectorReading, ConnectorStatus
from .maintenance import Command, FirmwareFile, FirmwareStage, LogRequest, Upkeep

PHASE_COUNTS: Final = (1, 3)
"""Numbers of phases that some chargers can switch between."""
HOME_BADGE: Final = "HOMEASSISTANT"
"""Badge of sessions that a person starts in Home Assistant; at most 20 characters."""
NOBODY: Final = "NoAuthorization"
"""Badge of sessions that a charger says to begin without one."""


class ChargerError(Exception):
    """A command did not reach its effect."""


class ChargerOffline(ChargerError):
    """The charger is not connected."""


class ChargerRefused(ChargerError):
    """The charger answered no."""


class ChargerUnable(ChargerRefused):
    """The charger has no such command."""


class BadgeTooLong(ChargerRefused):
    """The charger cannot be told such a long badge."""

    def __init__(self, most: int) -> None:
        super().__init__(f"a badge has {most} characters at most")
        self.most = most


class ChargerTimeout(ChargerError):
    """The charger did not answer in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerInfo:
    """What a charger says of itself."""

    vendor: str | None = None
    model: str | None = None
    serial: str | None = None
    firmware: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A running transaction; energies in Wh."""

    id: str
    badge: str | None
    started_at: datetime
    energy: float | None = None
    """Charged since the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorData:
    """What is known of one connector, for people; the engine reads a ConnectorReading."""

    status: ConnectorStatus = ConnectorStatus.UNKNOWN
    error: str | None = None
    """The charger's own error code; None while there is none."""
    drawn: PerPhase | None = None
    """Currents in A at the terminals 1 to 3."""
    voltages: PerPhase | None = None
    power: float | None = None
    """W."""
    energy: float | None = None
    """Reading of the connector's energy register in Wh."""
    measured_at: datetime | None = None
    offered: float | None = None
    """What the charger says it offers, in A per phase."""
    confirmed: float | None = None
    """See ConnectorReading.confirmed."""
    phase_count: int | None = None
    """See ConnectorReading.phase_count."""
    scheduled: bool | None = None
    """Whether it will be available once its session ends, if that is to change."""
    refusing: bool = False
    """The last limit that it was sent was refused, not answered, or did not stay."""
    overwritten: int = 0
    """How many times something else has changed its limit."""
    session: Session | None = None
    ended: tuple[Session, ...] = ()
    """Sessions that have ended lately, with all that was charged; the newest is at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorProfile:
    """Limits of one connector in A per phase, and how many terminals it has wired."""

    fallback: float
    """What the connector may take when contact is lost."""
    max_current: float
    phases: int = 3
    keep: bool = False
    """Whoever charges when contact is lost keeps the last limit instead of the fallback."""


class Failsafe(StrEnum):
    """What lowers a charger to its fallback when contact with Headroom is lost."""

    NONE = "none"
    """Nothing: it goes on with its last setpoint."""
    LEASE = "lease"
    """Each setpoint ends by itself if it is not renewed."""
    WATCHDOG = "watchdog"
    """The charger misses a sign of life that it was promised."""


class Contact(StrEnum):
    """How much contact with a charger there may be."""

    FULL = "full"
    LISTENING = "listening"
    """It may report, and is told nothing that changes its current."""
    NONE = "none"
    """As if the network were cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a charger can do, as far as it is known."""

    failsafe: Failsafe
    step: float = 0.1
    """Smallest difference of two setpoints in A."""
    starts_sessions: bool = True
    """It can be told to start and stop a session."""
    resets: bool = True
    switches_phases: bool = False
    """It can switch between one and three phases."""
    commands: frozenset[Command] = frozenset()


class ChargerLink(ABC):
    """Contact with one charging station. Connectors are numbered from 1.

    A link owns no timer: whoever owns it calls `maintain()` about once a second.
    """

    starts_free: bool = False
    """See ConnectorReading.starts_free; said by whoever tests the charger."""

    @property
    @abstractmethod
    def online(self) -> bool:
        """Return whether the charger can be reached."""

    @property
    @abstractmethod
    def contacts(self) -> int:
        """Return how many times contact has begun."""

    @property
    @abstractmethod
    def info(self) -> ChargerInfo:
        """Return what the charger says of itself."""

    @property
    @abstractmethod
    def capabilities(self) -> Capabilities:
        """Return what the charger can do."""

    @property
    def refused_settings(self) -> frozenset[str]:
        """Return the names of settings that the charger did not take, for diagnostics."""
        return frozenset()

    @property
    def limitable(self) -> bool:
        """Return whether it takes limits, or may still turn out to."""
        return True

    @property
    def details(self) -> Mapping[str, object]:
        """Return what else is known of how it is controlled, for diagnostics."""
        return {}

    @property
    @abstractmethod
    def connectors(self) -> Mapping[int, ConnectorData]:
        """Return what is known of each connector."""

    @abstractmethod
    def reading(self, connector: int) -> ConnectorReading:
        """Return what the engine needs to know of a connector."""

    @abstractmethod
    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a listener after every change; the result ends the subscription."""

    def take_taps(self) -> Sequence[Collection[int]]:
        """Return the connectors that each badge may be for that was tapped since the last call."""
        return ()

    @abstractmethod
    def update(self, connectors: Mapping[int, ConnectorProfile]) -> None:
        """Apply new limits, new connectors and removed ones at once."""

    @abstractmethod
    def set_current(self, connector: int, current: float) -> None:
        """Make `current`, in A per phase, the setpoint of a connector; 0 pauses it.

        Returns at once. The newest setpoint wins; the outcome shows in `reading()`.
        """

    def restrict(self, contact: Contact) -> None:
        """Allow no more contact than this, at once and until told otherwise.

        Raises ChargerRefused where nothing could be learned from that.
        """
        raise ChargerRefused("contact with it cannot be restricted")

    @abstractmethod
    def maintain(self) -> None:
        """Renew what must be renewed and drop contact that has gone silent."""

    @abstractmethod
    async def settled(self) -> None:
        """Wait until every setpoint given so far has been answered or has failed."""

    @abstractmethod
    async def start(self, connector: int, badge: str) -> None:
        """Start a session. Raises ChargerError."""

    @abstractmethod
    async def stop(self, connector: int) -> None:
        """Stop the running session, if any. Raises ChargerError."""

    async def set_phases(self, connector: int, count: int) -> None:
        """Use `count` phases, 1 or 3, from now on; only while nothing flows.

        The outcome shows in `reading()` where the charger says it. Raises ChargerError.
        """
        raise ChargerRefused("it cannot switch phases")

    @abstractmethod
    async def reset(self, *, hard: bool) -> None:
        """Restart the charger. Raises ChargerError."""

    @property
    def upkeep(self) -> Upkeep:
        """Return what the charger has told of itself besides charging."""
        return Upkeep()

    async def unlock(self, connector: int) -> None:
        """Let go of a plug. Raises ChargerError."""
        raise ChargerUnable(Command.UNLOCK)

    async def set_available(self, connector: int | None, *, available: bool) -> None:
        """Take a connector, or all of the charger, into or out of service. Raises ChargerError.

        A charger may put it off until the running session has ended.
        """
        raise ChargerUnable(Command.AVAILABILITY)

    async def force_stop(self, connector: int) -> None:
        """Close the session whatever the charger answers, also without contact."""
        raise ChargerUnable(Command.FORCE_STOP)

    async def continue_after_power_loss(self, *, continues: bool) -> None:
        """Let sessions go on after a power loss without a badge, or not. Raises ChargerError."""
        raise ChargerUnable(Command.POWER_LOSS)

    async def update_firmware(self, firmware: FirmwareFile) -> None:
        """Let the charger fetch and install a firmware. Raises ChargerError."""
        raise ChargerUnable(Command.FIRMWARE)

    async def resume_firmware(self, stage: FirmwareStage) -> None:
        """Ask how an update stands that was at a stage before a restart of Headroom."""
        raise ChargerUnable(Command.FIRMWARE)

    async def upload_log(self, url: str, request: LogRequest) -> str | None:
        """Let the charger send a log to a place; return its file's name. Raises ChargerError."""
        raise ChargerUnable(Command.LOG)

    async def send_badges(self, badges: Sequence[str]) -> None:
        """Replace the badges that the charger accepts without contact. Raises ChargerError."""
        raise ChargerUnable(Command.BADGES)

    async def reserve(self, connector: int, badge: str, until: datetime) -> None:
        """Keep a connector free for a badge; another reservation ends. Raises ChargerError."""
        raise ChargerUnable(Command.RESERVATION)

    async def cancel_reservation(self, connector: int) -> None:
        """Let everybody use a connector again. Raises ChargerError."""
        raise ChargerUnable(Command.RESERVATION)

    @abstractmethod
    async def close(self) -> None:
        """End contact and release everything."""
