"""The sessions of one station, after the transactions that it tells of."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from .connector import StationConnector
from .fields import PLAUSIBLE_SINCE, as_time
from .meter_values import Sample
from .transactions import SKEW, TransactionId, TransactionLedger


class Sessions:
    """Opens and closes the sessions of connectors, and keeps their transactions first."""

    def __init__(
        self,
        station: str,
        ledger: TransactionLedger,
        save: Callable[[], Awaitable[None]],
        now: Callable[[], datetime],
    ) -> None:
        self._station = station
        self._ledger = ledger
        self._save = save
        self._now = now

    def resume(self, target: StationConnector) -> None:
        """Go on with the transaction that was open before a restart of ours."""
        if (transaction := self._ledger.of_connector(self._station, target.number)) is not None:
            target.open_session(transaction, self._now())

    async def start(
        self,
        target: StationConnector | None,
        connector: int,
        *,
        badge: str | None,
        meter_start: float | None,
        timestamp: str | None,
        transaction: TransactionId | None,
        asked_since: datetime | None,
    ) -> TransactionId:
        """Open a transaction and its session; return the transaction's id.

        `asked_since` is since when the charger would have asked for this badge if somebody had
        held it; None if it may have known it.
        """
        begun = self._ledger.begin(
            self._station,
            connector if target is None else target.number,
            transaction_id=transaction,
            badge=badge,
            meter_start=meter_start,
            started_at=self._past(timestamp),
            timestamp=timestamp,
            by_itself=asked_since is not None and self._is_within(timestamp, asked_since),
        )
        await self._save()
        is_open = self._ledger.of_station(self._station, begun.id) is not None
        if target is not None and is_open:
            target.open_session(begun, self._now())
        return begun.id

    async def go_on(
        self,
        target: StationConnector,
        transaction_id: TransactionId,
        samples: list[Sample],
        badge: str | None,
        told_at: datetime | None,
    ) -> None:
        """Open the session that samples belong to, should nobody have heard its start."""
        known = self._ledger.of_station(self._station, transaction_id)
        transaction = self._ledger.follow(
            self._station,
            target.number,
            transaction_id,
            badge=badge,
            meter_start=next((s.energy for s in samples if s.energy is not None), None),
            started_at=self._now(),
            told_at=told_at,
        )
        if transaction != known:
            await self._save()
        if transaction is not None and transaction.connector == target.number:
            target.open_session(transaction, self._now())

    async def stop(
        self,
        connectors: Mapping[int, StationConnector],
        transaction: TransactionId,
        register: float | None,
    ) -> None:
        """Close a transaction and its session; unknown ones need nothing."""
        if (ended := self._ledger.end(self._station, transaction)) is None:
            return
        await self._save()
        target = connectors.get(ended.connector)
        if target is not None and target.transaction == ended:
            target.close_session(self._now(), register)

    def _is_within(self, timestamp: str | None, since: datetime) -> bool:
        """Return whether something was told at once, if the charger's clock can be believed."""
        stated = as_time(timestamp)
        return stated is not None and since + SKEW <= stated <= self._now() + SKEW

    def _past(self, timestamp: str | None) -> datetime:
        """Return when something was, as the charger writes it; now if that cannot be."""
        now = self._now()
        stated = as_time(timestamp)
        plausible = stated is not None and PLAUSIBLE_SINCE <= stated <= now
        return stated if stated is not None and plausible else now
