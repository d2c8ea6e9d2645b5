"""Ids of transactions, and which transactions are open."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from ..counted import GRACE, most_energy
from .fields import PLAUSIBLE_SINCE, as_time

_HIGHEST_ID: Final = 2**31 - 1
_FOREIGN_ID: Final = 2**30
"""Numbers from here on are not reached by counting: a charger that tells one has it from elsewhere.

It must not make the count begin at 1 again, with numbers that chargers have seen.
"""
_ENDED_LATELY: Final = 1024
"""So many transactions that have ended are remembered, of all stations."""
_MOST_OPEN: Final = 64
"""So many transactions can be open at one station: more than it has connectors."""
SKEW: Final = timedelta(minutes=1)
"""The clock of a charger may be wrong by so much."""

type TransactionId = int | str
"""A number that Headroom gave out (OCPP 1.6), or a text that the charger made up (2.x)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A transaction that a station has started."""

    id: TransactionId
    station: str
    connector: int
    badge: str | None
    meter_start: float | None
    """Wh; None if the charger did not say."""
    started_at: datetime
    timestamp: str | None
    """Of its start, as the charger wrote it."""
    by_itself: bool = False
    """The charger names a badge, but would have asked for it if somebody had held one."""

    def is_restart_of(self, other: Transaction) -> bool:
        """Return whether both stem from the same message, sent again for want of an answer."""
        return (
            self.station == other.station
            and self.connector == other.connector
            and self.badge == other.badge
            and self.meter_start == other.meter_start
            and self.timestamp == other.timestamp
        )


def first_count(transaction: Transaction, register: float, now: datetime) -> float:
    """Return from where to count the energy of a transaction, in Wh.

    A start of 0 where the register is far beyond is none, and some tell the start in kWh.
    """
    start = transaction.meter_start or 0.0
    most = most_energy(transaction.started_at, now) + GRACE
    likely = (one for one in (start, 1000 * start) if 0 <= register - one <= most)
    return next(likely, start or register)


class TransactionLedger:
    """Gives out ids that no charger sees twice and remembers the open transactions."""

    def __init__(self, *, next_id: int = 1, transactions: Iterable[Transaction] = ()) -> None:
        if not 1 <= next_id <= _HIGHEST_ID:
            raise ValueError("a transaction id has 31 bits and is positive")
        self._next_id = next_id
        self._open = {(t.station, t.id): t for t in transactions}
        self._ended: deque[tuple[str, TransactionId]] = deque(maxlen=_ENDED_LATELY)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TransactionLedger:
        """Restore what `to_json()` gave. Raises ValueError if it is something else."""
        try:
            return cls(
                next_id=int(data["next_id"]),
                transactions=[
                    Transaction(**item | {"started_at": datetime.fromisoformat(item["started_at"])})
                    for item in data["open"]
                ],
            )
        except (KeyError, TypeError) as error:
            raise ValueError("not a transaction ledger") from error

    def to_json(self) -> dict[str, Any]:
        """Return everything that must survive a restart."""
        return {
            "next_id": self._next_id,
            "open": [
                {
                    "id": transaction.id,
                    "station": transaction.station,
                    "connector": transaction.connector,
                    "badge": transaction.badge,
                    "meter_start": transaction.meter_start,
                    "started_at": transaction.started_at.isoformat(),
                    "timestamp": transaction.timestamp,
                    "by_itself": transaction.by_itself,
                }
                for transaction in self._open.values()
            ],
        }

    def of_connector(self, station: str, connector: int) -> Transaction | None:
        """Return the open transaction of a connector."""
        return next(
            (t for t in self._open.values() if (t.station, t.connector) == (station, connector)),
            None,
        )

    def of_station(self, station: str, transaction_id: TransactionId) -> Transaction | None:
        """Return an open transaction of a station by its id."""
        return self._open.get((station, transaction_id))

    def begin(
        self,
        station: str,
        connector: int,
        *,
        badge: str | None,
        meter_start: float | None,
        started_at: datetime,
        timestamp: str | None,
        transaction_id: TransactionId | None = None,
        by_itself: bool = False,
    ) -> Transaction:
        """Open a transaction in place of any other on the connector; the same one only once.

        Without an id it gets a new number. One that is over is returned without being opened.
        """
        transaction = Transaction(
            id=self._free_id() if transaction_id is None else transaction_id,
            station=station,
            connector=connector,
            badge=badge,
            meter_start=meter_start,
            started_at=started_at,
            timestamp=timestamp,
            by_itself=by_itself,
        )
        if transaction_id is None:
            known = self._told_before(transaction)
        else:
            known = self.of_station(station, transaction_id)
        if known is None and not self._is_over(transaction):
            if (previous := self.of_connector(station, connector)) is not None:
                self._note_end(station, previous.id)
            self._put(transaction)
            if isinstance(transaction.id, int):
                self._next_id = transaction.id % _HIGHEST_ID + 1
        return known or transaction

    def follow(
        self,
        station: str,
        connector: int,
        transaction_id: TransactionId,
        *,
        badge: str | None,
        meter_start: float | None,
        started_at: datetime,
        told_at: datetime | None = None,
    ) -> Transaction | None:
        """Return a transaction that goes on, with what was not known of it filled in.

        Opens one whose start nobody heard; returns None for one that cannot go on. `told_at` is
        when it was told of, by the charger's clock.
        """
        known = self.of_station(station, transaction_id)
        if known is None and self._is_before_open(station, connector, told_at):
            return None
        if known is None:
            return self._adopt(
                Transaction(
                    id=transaction_id,
                    station=station,
                    connector=connector,
                    badge=badge,
                    meter_start=meter_start,
                    started_at=started_at,
                    timestamp=None,
                )
            )
        filled = replace(
            known,
            badge=known.badge or badge,
            meter_start=meter_start if known.meter_start is None else known.meter_start,
        )
        self._open[station, transaction_id] = filled
        return filled

    def end(self, station: str, transaction_id: TransactionId) -> Transaction | None:
        """Close a transaction and return it; None if the station has none with this id."""
        ended = self._open.pop((station, transaction_id), None)
        if ended is not None or isinstance(transaction_id, str):
            self._note_end(station, transaction_id)
        return ended

    def _told_before(self, transaction: Transaction) -> Transaction | None:
        previous = self.of_connector(transaction.station, transaction.connector)
        if previous is not None and transaction.is_restart_of(previous):
            return previous
        return None

    def _is_over(self, transaction: Transaction) -> bool:
        """Return whether a charger tells late of a transaction that has ended.

        Another one that has begun after it shows that, too. A new number is never over.
        """
        if isinstance(transaction.id, int):
            return False
        if (transaction.station, transaction.id) in self._ended:
            return True
        other = self.of_connector(transaction.station, transaction.connector)
        return other is not None and other.started_at > transaction.started_at + SKEW

    def _is_before_open(self, station: str, connector: int, told_at: datetime | None) -> bool:
        """Return whether the transaction of a connector has begun after a moment.

        Both are by the charger's clock, which may be wrong; one that was never set tells nothing.
        """
        running = self.of_connector(station, connector)
        began = None if running is None else as_time(running.timestamp)
        if began is None or told_at is None:
            return False
        return PLAUSIBLE_SINCE <= told_at <= began

    def _adopt(self, transaction: Transaction) -> Transaction | None:
        """Open a transaction whose start nobody heard.

        Returns None for one that has ended, and for a number that was given out before: that
        transaction has ended, or belongs to another station.
        """
        number = transaction.id
        if (transaction.station, number) in self._ended:
            return None
        if isinstance(number, int) and not self._next_id <= number <= _HIGHEST_ID:
            return None
        self._put(transaction)
        if isinstance(number, int) and number < _FOREIGN_ID:
            self._next_id = number + 1
        return transaction

    def _put(self, transaction: Transaction) -> None:
        previous = self.of_connector(transaction.station, transaction.connector)
        if previous is not None:
            del self._open[previous.station, previous.id]
        self._open[transaction.station, transaction.id] = transaction
        of_station = [key for key in self._open if key[0] == transaction.station]
        for oldest in of_station[:-_MOST_OPEN]:
            del self._open[oldest]

    def _note_end(self, station: str, transaction_id: TransactionId) -> None:
        """Remember an id that stands for the past; a number that was given out shows that."""
        if isinstance(transaction_id, int) and transaction_id < self._next_id:
            return
        if (station, transaction_id) not in self._ended:
            self._ended.append((station, transaction_id))

    def _free_id(self) -> int:
        candidate = self._next_id
        taken = {transaction.id for transaction in self._open.values()}
        while candidate in taken:
            candidate = candidate % _HIGHEST_ID + 1
        return candidate
