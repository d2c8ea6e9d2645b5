"""Contacts and sensors of the building that ask for less (A9): what they are, what they show."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ..engine.inputs import Ask, Inputs, LimitUnit, ZoneLimit
from ..entity_state import EntityState, EntityStates, as_float
from ..modbus.faults import FaultLog
from .load_shedding import lowest

_LOGGER = logging.getLogger(__name__)

AMPERES: Final = {"A": 1.0, "mA": 1e-3}
WATTS: Final = {"W": 1.0, "kW": 1e3, "MW": 1e6}
"""What one unit of a sensor is in A or W."""
HIGHEST_SHOWN: Final = 1e9
"""In any unit; a larger number is none."""

_STATES: Final = {"on": True, "off": False}


class InputSilent(Exception):
    """An input shows nothing that could be followed; the text says why."""


class ContactKind(StrEnum):
    """When a contact is active."""

    NORMALLY_OPEN = "normally_open"
    NORMALLY_CLOSED = "normally_closed"


@dataclass(frozen=True, slots=True)
class Contact:
    """An entity that is on or off; on is closed."""

    name: str
    entity: str
    kind: ContactKind = ContactKind.NORMALLY_OPEN

    def is_active(self, state: EntityState | None) -> bool:
        """Return whether it is active. Raises InputSilent."""
        closed = None if state is None else _STATES.get(state.value or "")
        if closed is None:
            raise InputSilent("its state is not known")
        return closed is (self.kind is ContactKind.NORMALLY_OPEN)


@dataclass(frozen=True, slots=True)
class Restriction:
    """A contact, and the most that it lets through while it is active."""

    contact: Contact
    most: float
    """A per phase, or percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalLimit:
    """A sensor that says what everything in a zone may draw."""

    name: str
    entity: str
    max_age: timedelta | None
    """A limit that was reported longer ago is none; None: none is too old."""
    otherwise: float
    """A per phase that holds while there is no limit."""

    def read(self, state: EntityState | None, now: datetime) -> tuple[float, LimitUnit]:
        """Return the limit, in A or W, and its unit. Raises InputSilent."""
        number = None if state is None else as_float(state.value)
        if state is None or number is None:
            raise InputSilent("it shows no number")
        if abs(number) > HIGHEST_SHOWN:
            raise InputSilent("it shows more than any site draws")
        if self.max_age is not None and abs(now - state.reported_at) > self.max_age:
            raise InputSilent("its limit is too old")
        unit = state.unit or ""
        if (factor := (AMPERES | WATTS).get(unit)) is None:
            raise InputSilent(f"a limit in {unit or 'no unit'} is not known")
        counts = LimitUnit.WATTS if unit in WATTS else LimitUnit.AMPERES
        return max(0.0, number * factor), counts


@dataclass(frozen=True, slots=True, kw_only=True)
class InputsConfig:
    """The inputs of a site."""

    shedding: tuple[Restriction, ...] = ()
    """In A per phase."""
    enable: Contact | None = None
    """Nobody charges unless it is active."""
    digital: tuple[Restriction, ...] = ()
    """Those that are enabled, in percent."""
    limits: Mapping[str, ExternalLimit] = field(default_factory=dict)
    """By zone id."""

    def entities(self) -> Iterator[str]:
        """Yield every entity in use."""
        yield from (one.contact.entity for one in self.shedding)
        if self.enable is not None:
            yield self.enable.entity
        yield from (one.contact.entity for one in self.digital)
        yield from (limit.entity for limit in self.limits.values())


class SiteInputs:
    """Watches the inputs of a site. One that shows nothing counts as if it asked for less."""

    def __init__(
        self, access: EntityStates, now: Callable[[], datetime], on_change: Callable[[], None]
    ) -> None:
        self._access = access
        self._now = now
        self._on_change = on_change
        self._config = InputsConfig()
        self._faults: dict[Contact | ExternalLimit, FaultLog] = {}
        self._unsubscribe: Callable[[], None] | None = None

    def apply(self, config: InputsConfig) -> None:
        """Watch these inputs from now on."""
        if config == self._config:
            return
        self.close()
        self._config = config
        self._faults.clear()
        if entities := set(config.entities()):
            self._unsubscribe = self._access.subscribe(sorted(entities), self._on_change)

    def close(self) -> None:
        """Stop watching."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    def look(self) -> Inputs:
        """Return what is asked for now."""
        config = self._config
        return Inputs(
            shedding=lowest(self._asked(one) for one in config.shedding),
            stop=None if config.enable is None else self._stop(config.enable),
            percent=lowest(self._asked(one) for one in config.digital),
            limits=tuple(self._limit(zone, limit) for zone, limit in config.limits.items()),
        )

    def shows(self, contact: Contact) -> bool | None:
        """Return whether any contact is active, for people to see; None if nobody knows."""
        try:
            return contact.is_active(self._access.state(contact.entity))
        except InputSilent:
            return None

    def _asked(self, restriction: Restriction) -> Ask | None:
        active = self._is_active(restriction.contact)
        if active is False:
            return None
        return Ask(restriction.most, silent=active is None)

    def _stop(self, enable: Contact) -> Ask | None:
        enabled = self._is_active(enable)
        if enabled:
            return None
        return Ask(0.0, silent=enabled is None)

    def _is_active(self, contact: Contact) -> bool | None:
        """Return whether a contact is active; None if nobody knows."""
        try:
            active = contact.is_active(self._access.state(contact.entity))
        except InputSilent as fault:
            self._log(contact).begin(fault)
            return None
        self._log(contact).end()
        return active

    def _limit(self, zone: str, limit: ExternalLimit) -> ZoneLimit:
        """Return what a sensor asks for."""
        try:
            most, unit = limit.read(self._access.state(limit.entity), self._now())
        except InputSilent as fault:
            self._log(limit).begin(fault)
            return ZoneLimit(zone=zone, ask=Ask(limit.otherwise, silent=True))
        self._log(limit).end()
        return ZoneLimit(zone=zone, ask=Ask(most), unit=unit)

    def _log(self, source: Contact | ExternalLimit) -> FaultLog:
        if source not in self._faults:
            self._faults[source] = FaultLog(
                _LOGGER,
                f"Input {source.name}",
                fails="shows nothing and counts as if it asked for less",
                recovers="can be followed again",
            )
        return self._faults[source]
