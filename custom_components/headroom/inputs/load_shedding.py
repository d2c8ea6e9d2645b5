"""Load shedding that people and automations order, beside the contacts for it (A9.1)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from ..engine.inputs import Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class ShedOrder:
    """What an action has asked for."""

    current: float | None = None
    """A per phase; None: what is usual at the site."""
    until: datetime | None = None
    """When it ends by itself; None: not at all."""

    def holds(self, now: datetime) -> bool:
        """Return whether it is still in force."""
        return self.until is None or now < self.until


@dataclass(slots=True, kw_only=True)
class LoadShedding:
    """What is ordered at one site, kept across restarts; time goes on while nobody runs it."""

    switched_on: bool = False
    order: ShedOrder | None = None

    def is_ordered(self, now: datetime) -> bool:
        """Return whether anybody wants load to be shed."""
        return self.switched_on or (self.order is not None and self.order.holds(now))

    def asks(self, usual: float, now: datetime) -> Iterator[Ask]:
        """Yield what is asked for now, in A per phase."""
        if self.switched_on:
            yield Ask(usual)
        order = self.order
        if order is not None and order.holds(now):
            yield Ask(usual if order.current is None else order.current, until=order.until)

    def end(self) -> None:
        """End all that was ordered."""
        self.switched_on, self.order = False, None

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        order = self.order
        if order is None:
            return {"switched_on": self.switched_on}
        until = None if order.until is None else order.until.isoformat()
        return {
            "switched_on": self.switched_on,
            "order": {"current": order.current, "until": until},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return what was stored. Raises KeyError, TypeError and ValueError."""
        return cls(
            switched_on=bool(stored["switched_on"]),
            order=_order(stored["order"]) if "order" in stored else None,
        )


def _order(stored: Mapping[str, Any]) -> ShedOrder:
    current, until = stored["current"], stored["until"]
    return ShedOrder(
        current=None if current is None else float(current),
        until=None if until is None else datetime.fromisoformat(until),
    )


def lowest(asks: Iterable[Ask | None]) -> Ask | None:
    """Return what leaves least; among equals one that has no end and is known."""
    asked = (ask for ask in asks if ask is not None)
    return min(asked, key=lambda ask: (ask.most, ask.until is not None, ask.silent), default=None)
