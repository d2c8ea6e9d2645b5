"""What people ask of a station: commands that no limit depends on, and their outcome."""

import asyncio
import logging
from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, override

from ..base import ChargerError, ChargerLink, ChargerRefused, ChargerUnable
from ..maintenance import (
    UNDER_WAY,
    Command,
    FirmwareFile,
    FirmwareStage,
    LogRequest,
    Notice,
    NoticeKind,
    Upkeep,
    UploadStage,
)
from .boots import Boots
from .config import CentralSystemConfig
from .connection import Connection
from .connector import StationConnector
from .taps import Taps
from .traits import Setting
from .transactions import Transaction, TransactionId

_LOGGER = logging.getLogger(__name__)

COMMANDS: Final = frozenset(Command)
"""A station is not asked beforehand what it knows: many say less or more than they can."""
_WORDS: Final[tuple[Mapping[bool, str], ...]] = (
    {True: "true", False: "false"},
    {True: "TRUE", False: "FALSE"},
    {True: "True", False: "False"},
    {True: "1", False: "0"},
)
_WHOLE: Final = 0
"""Number of the station as a whole."""
_MOST_NOTICES: Final = 50


class MaintainedStation(ChargerLink):
    """A station as far as people command it. A connector's number is also its reservation's."""

    def __init__(
        self, station_id: str, *, config: CentralSystemConfig, now: Callable[[], datetime]
    ) -> None:
        self._id = station_id
        self._config = config
        self._now = now
        self._connectors: dict[int, StationConnector] = {}
        self._boots = Boots(config.command_timeout)
        self._upkeep = Upkeep()
        self._taps = Taps()
        self._words: Mapping[bool, str] = {}
        """How the station writes that sessions go on after a power loss, and that they do not."""

    @property
    @override
    def upkeep(self) -> Upkeep:
        return self._upkeep

    @override
    async def start(self, connector: int, badge: str) -> None:
        connection = self._connected()
        connection.require_short([badge])
        await connection.start_session(connector, badge)

    @override
    async def stop(self, connector: int) -> None:
        if (transaction := self._connectors[connector].transaction) is not None:
            await self._connected().stop_session(transaction.id)

    @override
    async def reset(self, *, hard: bool) -> None:
        await self._connected().reset(hard=hard)
        self._boots.order(self._now())

    @override
    async def unlock(self, connector: int) -> None:
        await self._connected().unlock(connector)

    @override
    async def set_available(self, connector: int | None, *, available: bool) -> None:
        connection = self._connected()
        if connector is not None:
            done = await connection.set_available(connector, available=available)
        else:
            done = await self._set_all_available(connection, available=available)
        for number in self._connectors if connector is None else (connector,):
            self._connectors[number].schedule(available=None if done else available)
        self._changed()

    @override
    async def force_stop(self, connector: int) -> None:
        transaction = self._connectors[connector].transaction
        if transaction is None:
            return
        try:
            await self.stop(connector)
            async with asyncio.timeout(self._config.command_timeout.total_seconds()):
                await self._ended(transaction)
        except (ChargerError, TimeoutError) as error:
            _LOGGER.info(
                "Session of connector %s of station %s is closed without the station: %r",
                connector,
                self._id,
                error,
            )
        await self.stopped(transaction.id)

    @override
    async def continue_after_power_loss(self, *, continues: bool) -> None:
        connection = self._connected()
        if not self._words:
            raise ChargerUnable(Command.POWER_LOSS)
        if not await connection.configure(Setting.POWER_LOSS, self._words[continues]):
            raise ChargerRefused(Setting.POWER_LOSS)
        self._upkeep = replace(self._upkeep, continues=continues)
        self._changed()

    @override
    async def update_firmware(self, firmware: FirmwareFile) -> None:
        connection, before = self._connected(), self._upkeep.firmware
        # The station may tell of its progress before it has answered.
        self._upkeep = replace(self._upkeep, firmware=FirmwareStage.WAITING)
        try:
            await connection.update_firmware(firmware)
        except ChargerError:
            self._upkeep = replace(self._upkeep, firmware=before)
            raise
        self._changed()

    @override
    async def resume_firmware(self, stage: FirmwareStage) -> None:
        self._upkeep = replace(self._upkeep, firmware=stage)
        if self.online:
            await self._ask_for_firmware(self._connected())

    @override
    async def upload_log(self, url: str, request: LogRequest) -> str | None:
        self._upkeep = replace(self._upkeep, upload=None)
        return await self._connected().upload_log(url, request)

    @override
    async def send_badges(self, badges: Sequence[str]) -> None:
        connection = self._connected()
        connection.require_short(badges)
        self._taps.know(badges)
        await connection.send_badges(badges)

    @override
    async def reserve(self, connector: int, badge: str, until: datetime) -> None:
        connection = self._connected()
        connection.require_short([badge])
        self._taps.know([badge])
        await connection.reserve(connector, connector, badge, until)

    @override
    async def cancel_reservation(self, connector: int) -> None:
        await self._connected().cancel_reservation(connector)

    def tapped(self, badge: str) -> None:
        """Note that a badge was held against the station."""
        running = {n: c.transaction for n, c in self._connectors.items()}
        may_begin = any(
            c.transaction is None and c.data.status.has_car for c in self._connectors.values()
        )
        self._taps.note(badge, running, may_begin=may_begin)
        self._changed()

    @override
    def take_taps(self) -> Sequence[Collection[int]]:
        return self._taps.take()

    def firmware_changed(self, stage: FirmwareStage) -> None:
        """Take over how far an update of the firmware is."""
        if stage is self._upkeep.firmware:
            return
        self._upkeep = replace(self._upkeep, firmware=stage)
        if stage is not FirmwareStage.IDLE:
            _LOGGER.info("Firmware of station %s: %s", self._id, stage.value)
            self._notice(NoticeKind.FIRMWARE, stage.value)
        self._changed()

    def upload_changed(self, stage: UploadStage, detail: str) -> None:
        """Take over how far the upload of a log is."""
        self._upkeep = replace(self._upkeep, upload=stage)
        if stage is not UploadStage.IDLE:
            self._notice(NoticeKind.LOG, detail)
        self._changed()

    def security_event(self, name: str) -> None:
        """Note an event of the station's security log; log each kind once in a while."""
        notice = NoticeKind.SECURITY, name
        if notice not in {(known.kind, known.detail) for known in self._upkeep.notices}:
            _LOGGER.info("Station %s reports the security event %s", self._id, name)
        self._notice(*notice)
        self._changed()

    def _note_power_loss(self, value: str | None) -> None:
        """Take over a setting that only some makers have, each in its own letter case."""
        word = (value or "").strip()
        self._words = next((words for words in _WORDS if word in words.values()), {})
        continues = next((meaning for meaning, own in self._words.items() if own == word), None)
        self._upkeep = replace(self._upkeep, continues=continues)
        self._changed()

    def _notice(self, kind: NoticeKind, detail: str) -> None:
        notice = Notice(at=self._now(), kind=kind, detail=detail)
        notices = (*self._upkeep.notices, notice)[-_MOST_NOTICES:]
        self._upkeep = replace(self._upkeep, notices=notices)

    async def _ask_for_firmware(self, connection: Connection) -> None:
        """Ask how an update stands that was under way when contact was lost."""
        if self._upkeep.firmware in UNDER_WAY:
            await connection.trigger("FirmwareStatusNotification")

    async def _set_all_available(self, connection: Connection, *, available: bool) -> bool:
        """Change the whole station; with one connector some know only that."""
        try:
            return await connection.set_available(_WHOLE, available=available)
        except ChargerRefused:
            if len(self._connectors) != 1:
                raise
        return await connection.set_available(min(self._connectors), available=available)

    async def _ended(self, transaction: Transaction) -> None:
        connector, changed = self._connectors[transaction.connector], asyncio.Event()
        unsubscribe = self.subscribe(changed.set)
        try:
            while connector.transaction == transaction:
                changed.clear()
                await changed.wait()
        finally:
            unsubscribe()

    @abstractmethod
    async def stopped(self, transaction: TransactionId, register: float | None = None) -> None:
        """Close a transaction and its session; `register` is in Wh, at its end."""

    @abstractmethod
    def _connected(self) -> Connection:
        """Return the open connection. Raises ChargerOffline."""

    @abstractmethod
    def _changed(self) -> None:
        """Tell the listeners."""
