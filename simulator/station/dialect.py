"""What a station says, whatever the version of the protocol that says it."""

from abc import ABC, abstractmethod
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, override

from .cabinet import BootReason, Cabinet, Trigger
from .connector import News, StationConnector
from .errands import FirmwareUpdate, LogUpload
from .link import Call, Link
from .protocol import Protocol
from .times import is_over

type Ask = Callable[[Call], Awaitable[Any]]
"""Sends a call and returns its answer, None for an error. Raises LinkClosed or TimeoutError."""


class Context(StrEnum):
    """Why a sample is taken, in the words of both versions."""

    PERIODIC = "Sample.Periodic"
    CLOCK = "Sample.Clock"
    TRIGGER = "Trigger"


@dataclass(frozen=True, slots=True)
class Welcome:
    """The answer to a BootNotification; the interval in s."""

    status: str
    time: str
    interval: int


class Dialect(ABC):
    """One version's side of a station; an entry is what waits to be told of a connector."""

    protocol: ClassVar[Protocol]

    def __init__(self, cabinet: Cabinet, ask: Ask) -> None:
        self.cabinet = cabinet
        self.ask = ask
        self.outbox: deque[Call] = deque()
        """Reports that the central system has asked for."""

    @abstractmethod
    def speaker(self, link: Link) -> Any:  # noqa: ANN401 - the package ships no types
        """Return the `ocpp` package's part that answers calls on a link."""

    @abstractmethod
    async def boot(self, reason: BootReason) -> Welcome | None:
        """Announce the station; return None for an error."""

    @abstractmethod
    async def heartbeat(self) -> str | None:
        """Return the time that the central system tells."""

    @abstractmethod
    async def authorizes(self, badge: str) -> bool:
        """Return whether the central system lets a badge start."""

    @abstractmethod
    async def tell_station(self) -> None:
        """Tell the status of the station itself, if the version has one."""

    @abstractmethod
    def status_of(self, connector: StationConnector) -> tuple[str, ...]:
        """Return what `tell_status` would tell."""

    @abstractmethod
    async def tell_status(self, connector: StationConnector) -> None:
        """Tell the status of a connector."""

    @abstractmethod
    async def tell_triggered(self, trigger: Trigger) -> None:
        """Send a message that the central system has asked for."""

    @abstractmethod
    async def tell_update(self, errand: FirmwareUpdate, status: str) -> None:
        """Tell how an update of the firmware goes."""

    @abstractmethod
    async def tell_upload(self, errand: LogUpload, status: str) -> None:
        """Tell how an upload of a log goes."""

    @abstractmethod
    def notice(self, connector: StationConnector, now: datetime, *, online: bool) -> None:
        """Note what there is to tell of a connector's transactions and measurements."""

    @abstractmethod
    async def tell(self, connector: StationConnector) -> None:
        """Tell what has been noted, as far as the central system takes it."""


class QueueingDialect[Entry](Dialect):
    """Keeps what is to be told of each connector in order until it has been."""

    def __init__(self, cabinet: Cabinet, ask: Ask) -> None:
        super().__init__(cabinet, ask)
        self.queues: defaultdict[int, deque[Entry]] = defaultdict(deque)
        self._sampled_at: dict[int, datetime] = {}
        self._slots: dict[int, int] = {}

    @abstractmethod
    def entry_of_news(self, connector: StationConnector, news: News, *, online: bool) -> Entry:
        """Return what there is to tell of a transaction that has started or ended."""

    def entries_of_state(self, connector: StationConnector, *, online: bool) -> Iterable[Entry]:
        """Return what there is to tell of a transaction that goes on in another way."""
        return ()

    @abstractmethod
    def entry_of_sample(
        self, connector: StationConnector, context: Context, *, online: bool
    ) -> Entry:
        """Return a sample that is taken now."""

    @abstractmethod
    async def send(self, connector: StationConnector, entry: Entry) -> bool:
        """Send an entry; return whether it is done with."""

    @override
    def notice(self, connector: StationConnector, now: datetime, *, online: bool) -> None:
        queue = self.queues[connector.number]
        while connector.news:
            news = connector.news.popleft()
            queue.append(self.entry_of_news(connector, news, online=online))
            if news.end:
                self.cabinet.profiles.end_transaction(connector.number)
                self._sampled_at.pop(connector.number, None)
        queue.extend(self.entries_of_state(connector, online=online))
        context = self._due(connector, now)
        if context:
            queue.append(self.entry_of_sample(connector, context, online=online))

    @override
    async def tell(self, connector: StationConnector) -> None:
        queue = self.queues[connector.number]
        while queue and await self.send(connector, queue[0]):
            queue.popleft()

    def _due(self, connector: StationConnector, now: datetime) -> Context | None:
        clock = self._crosses_slot(connector.number, now)
        if connector.transaction is None:
            return Context.CLOCK if clock else None
        interval = self.cabinet.preferences.sample_interval
        last = self._sampled_at.get(connector.number)
        if not interval or (last and not is_over(last, interval, now)):
            return None
        self._sampled_at[connector.number] = now
        return Context.PERIODIC

    def _crosses_slot(self, number: int, now: datetime) -> bool:
        interval = self.cabinet.preferences.aligned_interval
        slot = int(now.timestamp()) // interval if interval else -1
        before, self._slots[number] = self._slots.get(number, slot), slot
        return bool(interval) and before not in {-1, slot}
