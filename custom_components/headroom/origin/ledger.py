"""The accounts of all connectors of a site."""

from collections.abc import Container, Mapping
from datetime import datetime
from typing import Any, Self

from ..stored_parts import read_each
from .account import Account, Draw
from .mix import UNKNOWN, Mix
from .parts import Parts, Rates


class OriginLedger:
    """Where the energy of each connector came from; connectors are known by their ids."""

    def __init__(
        self, accounts: Mapping[str, Account] | None = None, departed: Parts | None = None
    ) -> None:
        self._accounts = dict(accounts or {})
        self._departed = departed or Parts()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Restore what `to_json()` gave. Raises AttributeError, KeyError, TypeError or ValueError.

        The total keeps what accounts that cannot be read have delivered: statistics take one that
        falls for one that has begun anew.
        """
        accounts = read_each("account", data["connectors"], Account.from_json)
        if "total" not in data:  # older releases tell of connectors that are gone
            return cls(accounts, Parts.from_json(data["departed"]))
        return cls(accounts, Parts.from_json(data["total"]) - cls(accounts).total)

    def to_json(self) -> dict[str, Any]:
        """Return everything that must survive a restart."""
        return {
            "connectors": {key: one.to_json() for key, one in self._accounts.items()},
            "total": self.total.to_json(),
        }

    def of(self, connector: str) -> Account:
        """Return the account of a connector."""
        return self._accounts.get(connector) or Account()

    @property
    def total(self) -> Parts:
        """Return what all connectors have delivered, those that are gone as well."""
        return sum((one.total for one in self._accounts.values()), self._departed)

    def look(
        self, draws: Mapping[str, Draw], mixes: Mapping[str, Mix], rates: Rates, now: datetime
    ) -> bool:
        """Count what was drawn since the last look; return whether anything was."""
        after = {
            key: self.of(key).after(draw, mixes.get(key, UNKNOWN), rates, now)
            for key, draw in draws.items()
        }
        grown = any(one.total != self.of(key).total for key, one in after.items())
        self._accounts |= after
        return grown

    def forget_all_but(self, known: Container[str]) -> None:
        """Close the accounts of connectors that do not exist any more."""
        for key in [key for key in self._accounts if key not in known]:
            self._departed += self._accounts.pop(key).total
