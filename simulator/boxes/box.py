"""A box at an outlet of the plant."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from ..plant.ev import VOLTAGE, Car, CarState
from ..plant.outlet import Outlet
from .kinds import KINDS
from .registers import Inside, Pilot, Setting


class Fault(StrEnum):
    """Misbehaviour on demand."""

    IGNORES_LIMIT = "ignores_limit"
    """It lets the car draw what the installation allows."""
    WATCHDOG_MISSING = "watchdog_missing"
    """It takes fallback and timeout and never falls back."""
    FROZEN = "frozen"
    """It shows what was true when the fault began."""
    REFUSES_WRITES = "refuses_writes"


class Box:
    """Limits its outlet at every step of the plant, by the plant's clock.

    It has no connection to lose: whoever writes to it only calls it.
    """

    def __init__(
        self,
        id: str,  # noqa: A002 - what it is called everywhere
        *,
        kind: str,
        outlet: Outlet,
        clock: Callable[[], datetime],
        fallback: float | None = None,
        starts_free: bool = False,
    ) -> None:
        """Put a box at an outlet.

        `fallback` in A is what is configured at the box itself; a box that starts free has no
        limit after a loss of power until it is told one.
        """
        self.id = id
        self.kind = kind
        self.outlet = outlet
        self.character = KINDS[kind]
        self._clock = clock
        self._configured = {} if fallback is None else {Setting.FALLBACK: fallback}
        self._starts_free = starts_free
        self._faults: frozenset[Fault] = frozenset()
        self._frozen: Inside | None = None
        self._car: Car | None = None
        self._energy_before = 0.0
        self.lose_power()
        self._free = False
        outlet.limit = self.limit

    @property
    def faults(self) -> frozenset[Fault]:
        """Return the misbehaviour that is switched on."""
        return self._faults

    def misbehave(self, faults: Iterable[Fault]) -> None:
        """Have these faults and no others."""
        self._faults = frozenset(faults)
        if Fault.FROZEN not in self._faults:
            self._frozen = None
        elif self._frozen is None:
            self._frozen = self._look()

    def lose_power(self) -> None:
        """Be without power for a moment."""
        self._settings = {Setting.ENABLED: 1.0, **self.character.starts, **self._configured}
        self._free = self._starts_free
        self._heard_at: datetime | None = None
        """When a sign of life was given last."""

    def setting(self, setting: Setting) -> float:
        """Return what is set; 0 if nothing is."""
        value = self._settings.get(setting, 0.0)
        return min(value, self.outlet.max_current) if setting is Setting.SETPOINT else value

    def set(self, setting: Setting, value: float) -> None:
        """Set something, as a write to its register does."""
        self._settings[setting] = value
        if setting in self.character.signs:
            self.hear()
        if setting is Setting.SETPOINT:
            self._free = False

    def hear(self) -> None:
        """Take something for a sign of life."""
        self._heard_at = self._clock()

    @property
    def fallback(self) -> float:
        """Return the current in A that holds without a sign of life."""
        single = self._settings.get(Setting.FALLBACK_SINGLE)
        if single is not None and len(self.outlet.wiring.phases) == 1:
            return single
        return self.setting(Setting.FALLBACK)

    @property
    def remaining(self) -> timedelta | None:
        """Return the time until it falls back; None if it never does."""
        timeout = timedelta(seconds=self.setting(Setting.TIMEOUT))
        if not timeout or not self.character.signs or Fault.WATCHDOG_MISSING in self._faults:
            return None
        if self._heard_at is None:
            return timedelta()
        return max(self._heard_at + timeout - self._clock(), timedelta())

    @property
    def has_fallen_back(self) -> bool:
        """Return whether signs of life are overdue."""
        return self.remaining == timedelta()

    def limit(self, _now: datetime) -> float:
        """Return what it allows now, in A."""
        self._notice_car()
        if self._free or Fault.IGNORES_LIMIT in self._faults:
            return self.outlet.max_current
        if self.has_fallen_back:
            return self.fallback
        return self.setting(Setting.SETPOINT) if self.setting(Setting.ENABLED) else 0.0

    def _notice_car(self) -> None:
        if self.outlet.car is not self._car:
            self._car = self.outlet.car
            self._energy_before = self.outlet.energy

    @property
    def pilot(self) -> Pilot:
        """Return what the pilot signal tells."""
        car = self.outlet.car
        if car is None:
            return Pilot.NO_CAR
        charging = self.outlet.offered and car.state is CarState.CHARGING
        return Pilot.CHARGING if charging else Pilot.CONNECTED

    def inside(self) -> Inside:
        """Return what it shows of itself."""
        return self._frozen or self._look()

    def _look(self) -> Inside:
        outlet = self.outlet
        remaining = self.remaining
        return Inside(
            pilot=self.pilot,
            currents=outlet.terminals,
            power=sum(outlet.terminals) * VOLTAGE,
            energy=outlet.energy,
            session=outlet.energy - self._energy_before if outlet.car else 0.0,
            phases=len(outlet.wiring.phases),
            maximum=outlet.max_current,
            applied=outlet.offered,
            setpoint=self.setting(Setting.SETPOINT),
            fallback=self.fallback,
            timeout=self.setting(Setting.TIMEOUT),
            remaining=0.0 if remaining is None else remaining.total_seconds(),
        )
