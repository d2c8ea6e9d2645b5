"""A connector whose samples and limits a test plays second by second."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from custom_components.headroom.chargers.base import ConnectorData
from custom_components.headroom.compliance.incident import Cause, Incident, Tolerance
from custom_components.headroom.compliance.judge import ConnectorJudge, Look
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.snapshot import ConnectorStatus

START = datetime(2026, 7, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Course:
    """One connector and its judge."""

    def __init__(self, every: int = 10, tolerance: Tolerance | None = None) -> None:
        """Sample the connector every so many seconds."""
        self.judge = ConnectorJudge(1, tolerance or Tolerance())
        self.every = every
        self.now = START
        self.online = True
        self.setpoint = 16.0
        self.phases = 3
        self.data = ConnectorData(
            status=ConnectorStatus.CHARGING, drawn=PerPhase(), energy=0.0, confirmed=16.0
        )

    def show(self, **data: object) -> None:
        """Change what the charger says, at its next sample as far as that measures it."""
        self.data = replace(self.data, **data)  # type: ignore[arg-type]  # fields of all types

    def limit(self, setpoint: float) -> None:
        """Set and confirm a limit."""
        self.setpoint = setpoint
        self.show(confirmed=setpoint)

    def draw(self, *currents: float) -> None:
        """Let currents flow."""
        self.show(drawn=PerPhase(*currents))

    def go_on(self, seconds: int = 1) -> None:
        """Let time pass, with samples when they are due."""
        for _ in range(seconds):
            self.now += SECOND
            if self.every and int((self.now - START) / SECOND) % self.every == 0:
                self.show(measured_at=self.now, energy=(self.data.energy or 0.0) + 1)
            self.look()

    def look(self) -> None:
        """Let the judge look."""
        self.judge.look(
            Look(
                now=self.now,
                online=self.online,
                setpoint=self.setpoint,
                phases=self.phases,
                data=self.data,
            )
        )

    def seconds_until(self, predicate: Callable[[], bool], within: int = 1000) -> int:
        """Return how long it takes until something is so."""
        for passed in range(within):
            if predicate():
                return passed
            self.go_on()
        raise AssertionError(f"not so within {within} seconds")

    @property
    def causes(self) -> set[Cause]:
        """Return what is wrong."""
        return {incident.cause for incident in self.judge.incidents}

    @property
    def incident(self) -> Incident:
        """Return the only incident."""
        (incident,) = self.judge.incidents
        return incident
