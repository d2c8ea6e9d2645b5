"""One connection of a station, whatever version of OCPP it speaks."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

from aiohttp import web

from ...engine.snapshot import ConnectorStatus
from ..base import BadgeTooLong, ChargerInfo, ChargerRefused, ChargerUnable, ConnectorData
from ..maintenance import Command, FirmwareFile, FirmwareStage, LogRequest, UploadStage
from .commands import ClearCommand, LimitCommand
from .config import CentralSystemConfig
from .external import ExternalLimits
from .library import SturdyChargePoint
from .meter_values import Sample
from .traits import Setting, Unit
from .transactions import TransactionId
from .transport import WebSocket

_LOGGER = logging.getLogger(__name__)


class StationEvents(Protocol):
    """What a connection tells its station. Connector 0 is the station as a whole."""

    @property
    def connectors(self) -> Mapping[int, ConnectorData]:
        """Return what is known of each connector."""

    @property
    def external(self) -> ExternalLimits:
        """Return what is known of the limits of others."""

    @property
    def admits(self) -> bool:
        """Return whether a charger that introduces itself may begin to work."""

    def booted(self, info: ChargerInfo, *, after_loss: bool = True) -> None:
        """Tell that the charger has introduced itself; `after_loss` if it may have lost power."""

    def tapped(self, badge: str) -> None:
        """Tell that a badge was held against the charger."""

    def status_changed(
        self, connector: int, status: ConnectorStatus, error: str | None, at: datetime | None
    ) -> None:
        """Tell a connector's status; `at` is by the charger's clock."""

    async def metered(
        self,
        connector: int,
        transaction: TransactionId | None,
        samples: list[Sample],
        badge: str | None = None,
        told_at: datetime | None = None,
    ) -> None:
        """Tell what the charger measured, and whose transaction it belongs to if it says so.

        `told_at` is when it did so, by its own clock.
        """

    async def started(
        self,
        connector: int,
        badge: str | None,
        meter_start: float | None,
        timestamp: str | None,
        transaction: TransactionId | None = None,
    ) -> TransactionId:
        """Tell that a transaction has begun and return its id: the charger's own, or a new one."""

    async def stopped(self, transaction: TransactionId, register: float | None = None) -> None:
        """Tell that a transaction has ended, and the energy register in Wh at its end."""

    def firmware_changed(self, stage: FirmwareStage) -> None:
        """Tell how far an update of the firmware is."""

    def upload_changed(self, stage: UploadStage, detail: str) -> None:
        """Tell how far the upload of a log is, also in the charger's own word."""

    def security_event(self, name: str) -> None:
        """Tell an event of the charger's security log by its name."""


class Connection(SturdyChargePoint, ABC):
    """A charger's websocket, from its handshake to its end."""

    subprotocol: ClassVar[str]
    """Name of the version in the handshake."""
    longest_badge: ClassVar[int]
    """Characters."""
    compresses: ClassVar[bool] = False
    """Frames are compressed for a charger that wants that."""

    def __init__(
        self,
        name: str,
        socket: web.WebSocketResponse,
        request: web.BaseRequest,
        *,
        events: StationEvents,
        config: CentralSystemConfig,
        now: Callable[[], datetime],
    ) -> None:
        self._socket = WebSocket(socket, request, heard=self._heard, complain=self.complain)
        super().__init__(name, self._socket)
        self._events = events
        self._config = config
        self._now = now
        self._tasks: set[asyncio.Task[None]] = set()
        self._unheard_pings = 0
        self._pinged_at = now()
        self.opened_at = now()
        self.closed = asyncio.Event()

    @property
    def details(self) -> Mapping[str, object]:
        """Return what else is known through this connection, for diagnostics."""
        return {}

    @abstractmethod
    async def install(self, command: LimitCommand) -> None:
        """Install a charging profile. Raises ChargerError unless the charger accepts it."""

    @abstractmethod
    async def clear(self, command: ClearCommand) -> None:
        """Remove a charging profile. Raises ChargerError unless it is gone."""

    @abstractmethod
    async def read_settings(self, settings: Iterable[Setting]) -> dict[Setting, str]:
        """Return the values of settings, as far as the charger gives them."""

    @abstractmethod
    async def configure(self, setting: Setting, value: str) -> bool:
        """Change a setting of the charger and return whether it took it."""

    @abstractmethod
    async def trigger(self, message: str, connector: int | None = None) -> bool:
        """Ask for a message and return whether the charger will send it."""

    async def composite(self, connector: int, unit: Unit) -> float | None:
        """Return the limit that the charger says is in force now, in the unit.

        That is a hint for people only: many chargers accept the question and answer nonsense.
        """
        return None

    @abstractmethod
    async def start_session(self, connector: int, badge: str) -> None:
        """Start a transaction. Raises ChargerError."""

    @abstractmethod
    async def stop_session(self, transaction: TransactionId) -> None:
        """End a transaction. Raises ChargerError."""

    @abstractmethod
    async def reset(self, *, hard: bool) -> None:
        """Restart the charger. Raises ChargerError."""

    async def unlock(self, connector: int) -> None:
        """Let go of a plug. Raises ChargerError."""
        raise ChargerUnable(Command.UNLOCK)

    async def set_available(self, connector: int, *, available: bool) -> bool:
        """Take a connector into or out of service, or all of them by 0. Raises ChargerError.

        Returns whether that is done; otherwise it waits for the end of a session.
        """
        raise ChargerUnable(Command.AVAILABILITY)

    async def update_firmware(self, firmware: FirmwareFile) -> None:
        """Let the charger fetch and install a firmware. Raises ChargerError."""
        raise ChargerUnable(Command.FIRMWARE)

    async def upload_log(self, url: str, request: LogRequest) -> str | None:
        """Let the charger send a log to a place; return its file's name. Raises ChargerError."""
        raise ChargerUnable(Command.LOG)

    async def send_badges(self, badges: Sequence[str]) -> None:
        """Replace the list of badges, and forget those of the cache. Raises ChargerError."""
        raise ChargerUnable(Command.BADGES)

    async def reserve(self, reservation: int, connector: int, badge: str, until: datetime) -> None:
        """Keep a connector free for a badge. Raises ChargerError."""
        raise ChargerUnable(Command.RESERVATION)

    async def cancel_reservation(self, reservation: int) -> None:
        """End a reservation. Raises ChargerError."""
        raise ChargerUnable(Command.RESERVATION)

    def require_short(self, badges: Iterable[str]) -> None:
        """Raise BadgeTooLong for badges that this version has no room for."""
        if any(len(badge) > self.longest_badge for badge in badges):
            raise BadgeTooLong(self.longest_badge)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the receiving of frames, at most until the connection ends."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._end_task)

    def abort(self) -> None:
        """Cut the connection; nothing of it acts any more."""
        self.end_requests()
        for task in self._tasks:
            task.cancel()
        self._socket.abort()

    async def serve(self) -> None:
        """Receive until the connection ends, then release everything."""
        try:
            with suppress(ConnectionError):
                await self.start()
        finally:
            self.abort()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self.closed.set()

    def check_contact(self) -> None:
        """Ping when it is time to; cut the connection when nothing was heard for too long."""
        now = self._now()
        if self._pinged_at <= now < self._pinged_at + self._config.ping_interval:
            return
        if self._unheard_pings >= self._config.silence_limit:
            _LOGGER.info("Station %s has gone silent", self.id)
            self.abort()
            return
        self._unheard_pings += 1
        self._pinged_at = now
        self.spawn(self._ping())

    def patience(self, command: LimitCommand) -> timedelta:
        """Return how long to wait for the answer to a limit."""
        usual = self._config.command_timeout
        return min(usual, self._config.trial_timeout) if command.is_trial else usual

    async def command(self, command: object, patience: timedelta | None = None) -> None:
        """Send a command. Raises ChargerError unless the charger accepts it."""
        status = await self.request(command, patience or self._config.command_timeout)
        if status != "Accepted":
            raise ChargerRefused(f"{type(command).__name__}: {status}")

    async def _ping(self) -> None:
        with suppress(ConnectionError):
            await self._socket.ping()

    def _end_task(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            _LOGGER.error("Fault in the work for station %s", self.id, exc_info=fault)
            self.abort()

    def _heard(self) -> None:
        self._unheard_pings = 0
