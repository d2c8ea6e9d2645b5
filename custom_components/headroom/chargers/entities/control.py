"""What is to be written to the entities of a charger, and what it may offer by them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Final

from ...attempts import Pause
from ...entity_state import EntityState, as_float
from ..base import ConnectorProfile
from .config import EntityChargerConfig, LimitUnit
from .order import Order
from .phase_use import PhaseUse
from .scale import LEAST_CURRENT, Scale, as_number

RAISE_PAUSE: Final = timedelta(seconds=30)
"""Least time between a write of the limit and one that raises it; many chargers keep their limit
in flash memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitCommand:
    """A new value for the entity that limits the charger."""

    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchCommand:
    """A new state of the switch that lets the car charge."""

    value: bool


type Command = LimitCommand | SwitchCommand


class ChargerControl:
    """The limit and the switch of a charger."""

    def __init__(self, config: EntityChargerConfig, profile: ConnectorProfile) -> None:
        self._config = config
        self.profile = profile
        self.phase_use = PhaseUse()
        self._aim: float | None = None
        self._scale = Scale()
        self._limit: float | None = None
        self._switch: bool | None = None
        self._has_switch = False
        """There is a switch, and it is available."""
        self._limits = Order[float](self._same_limit)
        self._switching = Order[bool](lambda one, other: one is other)
        self._raise_pause: Pause | None = None

    @property
    def scale(self) -> Scale:
        """Return what the limit can be set to."""
        return self._scale

    @property
    def failing(self) -> bool:
        """Return whether the last write of either did not take effect."""
        return self._limits.failing or self._switching.failing

    @property
    def overwritten(self) -> int:
        """Return how many times something else has changed either of them."""
        return self._limits.overwritten + self._switching.overwritten

    @property
    def can_pause(self) -> bool:
        """Return whether the charger can be told to give nothing."""
        return self._has_switch or self._scale.has_zero

    @property
    def is_off(self) -> bool:
        """Return whether the switch says that the car does not charge."""
        return self._switch is False

    @property
    def limit(self) -> float | None:
        """Return the limit that is shown, in A per phase."""
        return None if self._limit is None else self._counted(self._limit)

    @property
    def in_force(self) -> float | None:
        """Return the most that the charger may offer now; None if nothing is known.

        A switch that is off for other reasons may only say that nothing flows at the moment.
        """
        if self._switch is False and self._switching.has_been_told(self._switch):
            return 0.0
        if self._limit is None:
            return None
        return max(self._counted(value) for value in {self._limit, *self._limits.possible})

    def aim(self, current: float) -> None:
        """Make `current` the target; a lower one is tried at once even after failures."""
        if self._aim is not None and current < self._aim:
            self._limits.hurry()
            self._switching.hurry()
        self._aim = current

    def observe(self, limit: EntityState, switch: EntityState | None, now: datetime) -> bool:
        """Take over what is shown; return whether something else has changed it."""
        most = self.profile.phases
        self._scale = Scale.of(limit, self._per_ampere(min(self.phase_use.count or most, most)))
        self._limit = (as_float if self._scale.options is None else as_number)(limit.value)
        changed = self._limits.observe(self._limit, limit.reported_at, now)
        self._has_switch, self._switch = switch is not None, None
        if switch is not None:
            is_on = switch.value == "on"
            self._switch = None if switch.value is None else is_on != self._config.switch_pauses
            changed |= self._switching.observe(self._switch, switch.reported_at, now)
        return changed

    def next_command(self, now: datetime) -> Command | None:
        """Return what is to be written now: the limit before charging is let go on."""
        if self._aim is None:
            return None
        wanted = self._scale.usable(min(self._aim, self.profile.max_current))
        if wanted is None:
            return self._pause(now)
        if self._limit_is_due(wanted, now):
            return LimitCommand(value=wanted)
        return self._resume(wanted, now)

    def sending(self, command: Command, now: datetime) -> None:
        """Count with the worse of old and new until the new value is shown."""
        if isinstance(command, LimitCommand):
            self._limits.sending(command.value, now)
            self._raise_pause = Pause(now, now + RAISE_PAUSE)
        else:
            self._switching.sending(command.value, now)

    def accepted(self, command: Command) -> None:
        """Note that an entity took a command."""
        self._order_of(command).accepted()

    def refused(self, command: Command, now: datetime) -> None:
        """Note that a command had no effect."""
        self._order_of(command).refused(now)

    def unanswered(self, command: Command, now: datetime) -> None:
        """Note that a command may or may not have had an effect."""
        self._order_of(command).unanswered(now)

    def _order_of(self, command: Command) -> Order[float] | Order[bool]:
        return self._limits if isinstance(command, LimitCommand) else self._switching

    def _pause(self, now: datetime) -> Command | None:
        """Return what pauses charging, or comes next to it."""
        if self._has_switch:
            return self._switched(now, on=False)
        least = 0.0 if self._scale.has_zero else self._scale.least
        if least is None or not self._limit_is_due(least, now):
            return None
        return LimitCommand(value=least)

    def _resume(self, wanted: float, now: datetime) -> Command | None:
        """Return what lets the car charge once the limit cannot be too high."""
        if not self._has_switch:
            return None
        low = self._limit is not None and self._limit <= wanted
        if not (low or self._limits.has_been_told(wanted)):
            return None
        return self._switched(now, on=True)

    def _switched(self, now: datetime, *, on: bool) -> Command | None:
        shown = self._switch if on or self._switching.has_been_told(on) else None
        due = self._switching.is_due(on, shown=shown, now=now)
        return SwitchCommand(value=on) if due else None

    def _limit_is_due(self, wanted: float, now: datetime) -> bool:
        if not self._limits.is_due(wanted, shown=self._limit, now=now):
            return False
        highest = max((self._limit or 0.0, *self._limits.possible))
        lowers = self._limit is None or wanted < highest
        return lowers or self._raise_pause is None or self._raise_pause.is_over(now)

    def _same_limit(self, one: float | None, other: float | None) -> bool:
        return self._scale.same(one, other)

    def _counted(self, value: float) -> float:
        """Return what a limit allows in A per phase.

        A limit in W may flow on one phase alone, unless the car is seen to use more. No car takes
        less than the least current: a limit below that either pauses it or does nothing.
        """
        if value <= 0:
            return 0.0
        phases = min(self.phase_use.count or 1, self.profile.phases)
        current = value / self._per_ampere(phases)
        return max(LEAST_CURRENT, min(current, self._most))

    @property
    def _most(self) -> float:
        """Return what the charger can give at its highest limit, in A per phase."""
        if self._config.unit is LimitUnit.AMPERE:
            return inf
        return self._scale.maximum / self._per_ampere(self.profile.phases)

    def _per_ampere(self, phases: int) -> float:
        if self._config.unit is LimitUnit.AMPERE:
            return 1.0
        return self._config.voltage * phases
