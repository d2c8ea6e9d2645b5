"""The disconnect tests of a site: which run, what they have shown, and what follows from that."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from .chargers.base import ChargerInfo, ChargerLink, ChargerOffline, Failsafe
from .chargers.disconnection import DisconnectTest
from .chargers.outcome import Outcome
from .chargers.proofs import Proofs
from .engine.site.degraded import OfflinePolicy
from .engine.site.model import Site
from .parts import connector_id

_LOGGER = logging.getLogger(__name__)


class FallbackState(StrEnum):
    """What is known of a charger's fallback."""

    PROVEN = "proven"
    NOT_TESTED = "not_tested"
    FAILED = "failed"
    TESTING = "testing"
    NONE = "none"
    """Nothing lowers the charger when contact is lost."""


class AfterRestart(StrEnum):
    """What is known of a charger between a restart and its first contact."""

    HOLDS = "holds"
    FREE = "free"
    """It charges without any limit."""
    UNKNOWN = "unknown"


_AFTER_RESTART: Final = {
    None: AfterRestart.UNKNOWN,
    False: AfterRestart.HOLDS,
    True: AfterRestart.FREE,
}
_STARTS_FREE: Final = {Outcome.PASSED: False, Outcome.FAILED: True, Outcome.UNCLEAR: None}


class Untested(StrEnum):
    """What a lost charger counts with as long as no test has shown its fallback."""

    MAXIMUM = "maximum"
    FALLBACK = "fallback"


class FallbackTests:
    """Chargers are known by their subentry ids."""

    def __init__(
        self,
        proofs: Proofs,
        chargers: Callable[[], Mapping[str, ChargerLink]],
        save: Callable[[], None],
    ) -> None:
        self._proofs = proofs
        self._chargers = chargers
        self._save = save
        self._running: dict[str, DisconnectTest] = {}

    def begin(self, key: str, site: Site, now: datetime) -> None:
        """Begin to test a charger. Raises ChargerError if that would show nothing."""
        link = self._chargers().get(key)
        if link is None:
            raise ChargerOffline
        if key not in self._running:
            self._running[key] = DisconnectTest(link, _fallbacks(key, link, site), now)
            _LOGGER.info("The fallback of charger %s is tested", key)

    def advance(self, now: datetime) -> None:
        """Go on with the tests; one whose charger is gone ends."""
        chargers = self._chargers()
        for key, test in tuple(self._running.items()):
            if chargers.get(key) is not test.link:
                self._running.pop(key).end()
            elif (outcome := test.advance(now)) is not None:
                del self._running[key]
                self._note(key, outcome, test.after_restart, now)

    def state(self, key: str) -> FallbackState | None:
        """Return what is known of a charger's fallback; None if there is no such charger."""
        link = self._chargers().get(key)
        if link is None:
            return None
        if key in self._running:
            return FallbackState.TESTING
        if link.capabilities.failsafe is Failsafe.NONE:
            return FallbackState.NONE
        proof = self._proofs.of(key)
        if proof is None:
            return FallbackState.NOT_TESTED
        return FallbackState.PROVEN if proof.held else FallbackState.FAILED

    def after_restart(self, key: str) -> AfterRestart:
        """Return what is known of a charger that starts without contact."""
        return _AFTER_RESTART[self._proofs.starts_free(key)]

    def unproven(self, *, trusting: bool) -> frozenset[str]:
        """Return the ids of the connectors of which no test has shown what they do by themselves.

        That is both when contact is lost and after a restart. Who trusts untested chargers does
        not trust those that have failed.
        """
        doubted = self._has_failed if trusting else self._is_unproven
        return frozenset(
            connector_id(key, number)
            for key, link in self._chargers().items()
            if doubted(key)
            for number in link.connectors
        )

    def meet(self, infos: Mapping[str, ChargerInfo]) -> None:
        """Take over what chargers say that they are."""
        for key, info in infos.items():
            self._proofs.meet(key, info)
        self._tell()

    def _is_unproven(self, key: str) -> bool:
        proof = self._proofs.of(key)
        return proof is None or not proof.held or self._proofs.starts_free(key) is not False

    def _has_failed(self, key: str) -> bool:
        proof = self._proofs.of(key)
        return proof is not None and not proof.held

    def _note(self, key: str, outcome: Outcome, after_restart: Outcome, now: datetime) -> None:
        _LOGGER.info(
            "The test of the fallback of charger %s: %s, after a restart: %s",
            key,
            outcome,
            after_restart,
        )
        if outcome is not Outcome.UNCLEAR:
            free = _STARTS_FREE[after_restart]
            self._proofs.note(key, held=outcome is Outcome.PASSED, starts_free=free, at=now)
            self._tell()
            self._save()

    def _tell(self) -> None:
        """Let the readings of every charger say whether it is known to start free."""
        for key, link in self._chargers().items():
            link.starts_free = self._proofs.starts_free(key) is True


def _fallbacks(key: str, link: ChargerLink, site: Site) -> dict[int, float]:
    """Return the fallback in A of each connector that is meant to go back to one."""
    installed = {
        number: site.connector_by_id.get(connector_id(key, number)) for number in link.connectors
    }
    return {
        number: site.fallback_of[connector.id]
        for number, connector in installed.items()
        if connector is not None and connector.offline is not OfflinePolicy.KEEP
    }
