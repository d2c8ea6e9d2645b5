"""Entities without a Home Assistant, and a clock that tests set."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from custom_components.headroom.chargers.base import ChargerError, ChargerInfo, ConnectorProfile
from custom_components.headroom.chargers.car_session import CarSession
from custom_components.headroom.chargers.entities.charger import EntityCharger
from custom_components.headroom.chargers.entities.config import EntityChargerConfig
from custom_components.headroom.engine.snapshot import ConnectorReading
from custom_components.headroom.entity_state import EntityState

PROFILE = ConnectorProfile(fallback=0.0, max_current=32.0)


class World:
    """Entities, their calls and the time."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)
        self.states: dict[str, EntityState | None] = {}
        self.calls: list[tuple[str, str, object]] = []
        self.obeys = True
        """Entities show at once what they were told."""
        self.fault: ChargerError | None = None
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        return self.time

    def state(self, entity: str) -> EntityState | None:
        return self.states.get(entity)

    async def call(self, entity: str, action: str, **data: object) -> None:
        value = next(iter(data.values()), None)
        self.calls.append((entity, action, value))
        if self.fault is not None:
            raise self.fault
        if self.obeys:
            self.show(entity, action.removeprefix("turn_") if value is None else str(value))

    def subscribe(
        self, entities: Iterable[str], listener: Callable[[], None]
    ) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def info(self, entity: str) -> ChargerInfo:
        return ChargerInfo(vendor="ACME", model=entity)

    def show(self, entity: str, value: str | None) -> None:
        """Let an entity report a value."""
        known = self.states.get(entity)
        state = known or EntityState(domain=entity, value=value, reported_at=self.time)
        self.put(entity, replace(state, value=value, reported_at=self.time))

    def put(self, entity: str, state: EntityState | None) -> None:
        """Change what is known of an entity."""
        self.states[entity] = state
        for listener in tuple(self._listeners):
            listener()

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def number(
        self, value: str | None = "16", low: float = 0, high: float = 32, step: float = 1
    ) -> None:
        """Make the limit a number."""
        self.states["number"] = EntityState(
            domain="number",
            value=value,
            reported_at=self.time,
            minimum=low,
            maximum=high,
            step=step,
        )


class Bench:
    """A charger in such a world."""

    def __init__(
        self,
        world: World,
        profile: ConnectorProfile = PROFILE,
        car: CarSession | None = None,
        **entities: object,
    ) -> None:
        self.world, self.profile = world, profile
        config = EntityChargerConfig(**{"limit": "number"} | entities)  # type: ignore[arg-type]
        self.charger = EntityCharger(
            "Garage", config, {1: profile}, access=world, now=world.now, session=car
        )
        self.changes = 0
        self.charger.subscribe(self._count)

    def _count(self) -> None:
        self.changes += 1

    @property
    def reading(self) -> ConnectorReading:
        return self.charger.reading(1)

    @property
    def calls(self) -> list[tuple[str, str, object]]:
        """Return the calls since this was last asked."""
        calls, self.world.calls = self.world.calls, []
        return calls

    async def set(self, current: float) -> list[tuple[str, str, object]]:
        """Give a setpoint and return the calls that it leads to at once."""
        self.charger.set_current(1, current)
        await self.charger.settled()
        return self.calls

    async def later(self, seconds: float) -> list[tuple[str, str, object]]:
        """Let time pass and return the calls that are made then."""
        self.world.time += timedelta(seconds=seconds)
        self.charger.maintain()
        await self.charger.settled()
        return self.calls
