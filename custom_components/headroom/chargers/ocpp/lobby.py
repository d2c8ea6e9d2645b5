"""Peers that have connected and not yet been let in: not too many, and not for long."""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass

from .config import CentralSystemConfig

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Visitor:
    """A peer that waits; it is sent away when its time is over."""

    address: str
    transport: asyncio.Transport
    deadline: asyncio.TimerHandle

    def send_away(self) -> None:
        self.deadline.cancel()
        self.transport.abort()


class Lobby:
    """Keeps those out who open connections and do not say what for.

    Who has waited longest goes first when there are too many: a station needs no more than a
    moment. Where all places are taken it is one of the address that takes most of them.
    """

    def __init__(self, config: CentralSystemConfig) -> None:
        self._config = config
        self._visitors: dict[object, _Visitor] = {}
        self._is_crowded = False

    def enter(self, key: object, transport: asyncio.Transport) -> None:
        """Let a peer wait for a while."""
        for other, visitor in tuple(self._visitors.items()):
            if visitor.transport.is_closing():
                self.leave(other)
        peer = transport.get_extra_info("peername")
        address = str(peer[0]) if peer else ""
        self._make_room(address)
        patience = self._config.handshake_patience.total_seconds()
        deadline = asyncio.get_running_loop().call_later(patience, transport.abort)
        self._visitors[key] = _Visitor(address, transport, deadline)

    def leave(self, key: object) -> None:
        """Watch a peer no longer that has been let in, or has gone."""
        if (visitor := self._visitors.pop(key, None)) is not None:
            visitor.deadline.cancel()

    def close(self) -> None:
        """Send everybody away."""
        for visitor in self._visitors.values():
            visitor.send_away()
        self._visitors.clear()

    def _make_room(self, address: str) -> None:
        crowd = Counter(visitor.address for visitor in self._visitors.values())
        if crowd[address] < self._config.strangers_per_address:
            if len(self._visitors) < self._config.strangers_at_once:
                self._is_crowded = False
                return
            address = crowd.most_common(1)[0][0]
        if not self._is_crowded:
            self._is_crowded = True
            _LOGGER.warning("Too many peers connect and say nothing, most of all from %s", address)
        oldest = next(key for key, known in self._visitors.items() if known.address == address)
        self._visitors.pop(oldest).send_away()
