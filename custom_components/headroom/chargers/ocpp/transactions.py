"""Ids of transactions, and which transactions are open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

_HIGHEST_ID: Final = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A transaction that a station has started."""

    id: int
    station: str
    connector: int
    badge: str | None
    meter_start: float | None
    """Wh; None if the charger did not say."""
    started_at: datetime
    timestamp: str | None
    """Of its start, as the charger wrote it."""

    def is_restart_of(self, other: Transaction) -> bool:
        """Return whether both stem from the same message, sent again for want of an answer."""
        return (
            self.station == other.station
            and self.connector == other.connector
            and self.badge == other.badge
            and self.meter_start == other.meter_start
            and self.timestamp == other.timestamp
        )


class TransactionLedger:
    """Gives out ids that no charger sees twice and remembers the open transactions."""

    def __init__(self, *, next_id: int = 1, transactions: Iterable[Transaction] = ()) -> None:
        if not 1 <= next_id <= _HIGHEST_ID:
            raise ValueError("a transaction id has 31 bits and is positive")
        self._next_id = next_id
        self._open = {transaction.id: transaction for transaction in transactions}

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

    def of_station(self, station: str, transaction_id: int) -> Transaction | None:
        """Return an open transaction by its id, if it belongs to the station."""
        transaction = self._open.get(transaction_id)
        return transaction if transaction is not None and transaction.station == station else None

    def begin(
        self,
        station: str,
        connector: int,
        *,
        badge: str | None,
        meter_start: float | None,
        started_at: datetime,
        timestamp: str | None,
    ) -> Transaction:
        """Open a transaction in place of any other on the connector; the same one only once."""
        transaction = Transaction(
            id=self._free_id(),
            station=station,
            connector=connector,
            badge=badge,
            meter_start=meter_start,
            started_at=started_at,
            timestamp=timestamp,
        )
        previous = self.of_connector(station, connector)
        if previous is not None and transaction.is_restart_of(previous):
            return previous
        self._put(transaction)
        return transaction

    def adopt(
        self,
        station: str,
        connector: int,
        transaction_id: int,
        *,
        meter_start: float | None,
        started_at: datetime,
    ) -> Transaction | None:
        """Open a transaction whose start nobody heard.

        Returns None for an id that was given out before: that transaction has ended, or belongs
        to another station.
        """
        if not self._next_id <= transaction_id <= _HIGHEST_ID:
            return None
        transaction = Transaction(
            id=transaction_id,
            station=station,
            connector=connector,
            badge=None,
            meter_start=meter_start,
            started_at=started_at,
            timestamp=None,
        )
        self._put(transaction)
        return transaction

    def end(self, station: str, transaction_id: int) -> Transaction | None:
        """Close a transaction and return it; None if the station has none with this id."""
        transaction = self.of_station(station, transaction_id)
        if transaction is not None:
            del self._open[transaction_id]
        return transaction

    def _put(self, transaction: Transaction) -> None:
        previous = self.of_connector(transaction.station, transaction.connector)
        if previous is not None:
            del self._open[previous.id]
        self._open[transaction.id] = transaction
        self._next_id = transaction.id % _HIGHEST_ID + 1

    def _free_id(self) -> int:
        candidate = self._next_id
        while candidate in self._open:
            candidate = candidate % _HIGHEST_ID + 1
        return candidate
