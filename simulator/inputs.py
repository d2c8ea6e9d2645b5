"""What a scenario feeds to the engine at every step."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, override

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import Decision
from custom_components.headroom.engine.inputs import Ask, LimitUnit, ZoneLimit
from custom_components.headroom.engine.inputs import Inputs as Asked
from custom_components.headroom.engine.snapshot import (
    ConnectorReading,
    ConnectorStatus,
    MeterReading,
    Snapshot,
)
from custom_components.headroom.engine.when.permit import SunMode
from custom_components.headroom.engine.when.planned import PlannedQuarter

from .grid import GridOrders
from .scenario import Event, Scenario

_EXTERNAL: Final = {"external_limit": LimitUnit.AMPERES, "external_power": LimitUnit.WATTS}
"""What a sensor can say of a zone."""


_WISHES: Final = ("paused", "forced", "off_peak", "automatic_phases")
"""What a person wishes of a connector or not."""


class Inputs(ABC):
    """The world as the engine sees it; what people set and contacts ask for is kept here."""

    def __init__(self, scenario: Scenario) -> None:
        self.site = scenario.site
        self._start = scenario.start
        self._zone_limits: dict[str, float] = {}
        self._connector_limits: dict[str, float] = {}
        self._wishes: dict[str, set[str]] = {name: set() for name in _WISHES}
        self._sun_modes: dict[str, SunMode] = {}
        self._battery_charge: float | None = None
        self._lots: dict[str, float] = {}
        self._phase_counts: dict[str, int] = {}
        self._plans: dict[str, PlannedQuarter] = {}
        self._vip_badges: frozenset[str] = frozenset()
        self._asked = Asked()
        self._tariffs_off: frozenset[str] = frozenset()
        self._grid = GridOrders(scenario.site)
        self._peak_targets: dict[str, float] = {}

    def happen(self, event: Event) -> None:
        """Let an event happen."""
        self._grid.happen(event, self.time(event.at))
        if event.kind == "site":
            self._vip_badges = frozenset(event.changes.get("vip_badges", self._vip_badges))
            self._asked = _with_contacts(self._asked, event.changes, self.time)
            self._tariffs_off = frozenset(event.changes.get("tariffs_off", self._tariffs_off))
            self._battery_charge = event.changes.get("battery_charge", self._battery_charge)
        elif event.kind == "zone":
            _set_or_drop(self._zone_limits, event)
            _set_or_drop(self._peak_targets, event, "peak_target")
            self._asked = _with_sensors(self._asked, event)
            self.happen_to_zone(event)
        elif event.kind == "connector":
            _set_or_drop(self._connector_limits, event)
            for wish in self._wishes.keys() & event.changes.keys():
                wished = self._wishes[wish]
                (wished.add if event.changes[wish] else wished.discard)(event.id)
            if "lot" in event.changes:
                self._lots[event.id] = event.changes["lot"]
            if "wanted_phases" in event.changes:
                self._phase_counts[event.id] = event.changes["wanted_phases"]
            if "sun_mode" in event.changes:
                self._sun_modes[event.id] = SunMode(event.changes["sun_mode"])
            if "plan" in event.changes:
                self._plans |= {event.id: self._planned(event)}
            self.happen_to_connector(event)
        else:
            self.happen_to_meter(event)

    def snapshot(self, second: float) -> Snapshot:
        """Return what is known at a second."""
        now = self.time(second)
        return Snapshot(
            now=now,
            meters=self.meters(now),
            connectors=self.connectors(now),
            zone_limits=dict(self._zone_limits),
            connector_limits=dict(self._connector_limits),
            inputs=replace(self._asked, limits=(*self._asked.limits, *self._grid.limits(now))),
            peak_targets=dict(self._peak_targets),
            tariffs_off=self._tariffs_off,
            lots=dict(self._lots),
            paused=frozenset(self._wishes["paused"]),
            forced=frozenset(self._wishes["forced"]),
            off_peak=frozenset(self._wishes["off_peak"]),
            phase_counts=dict(self._phase_counts),
            automatic_phases=frozenset(self._wishes["automatic_phases"]),
            sun_modes=dict(self._sun_modes),
            battery_charge=self._battery_charge,
            plans=dict(self._plans),
            vip_badges=self._vip_badges,
        )

    def _planned(self, event: Event) -> PlannedQuarter:
        plan = event.changes["plan"]
        end = self.time(event.at + plan["seconds"])
        return PlannedQuarter(
            current=plan.get("current", 0.0),
            expires=end,
            until=end,
            reached=plan.get("reached", False),
        )

    def end_forces(self, decision: Decision) -> None:
        """Take back the wishes to charge at once that have served."""
        self._wishes["forced"] -= decision.spent_forces

    def time(self, second: float) -> datetime:
        """Return the time of a second."""
        return self._start + timedelta(seconds=second)

    @abstractmethod
    def happen_to_zone(self, event: Event) -> None:
        """Take the part of an event that is no person's."""

    @abstractmethod
    def happen_to_connector(self, event: Event) -> None:
        """Take the part of an event that is no person's."""

    @abstractmethod
    def happen_to_meter(self, event: Event) -> None:
        """Take an event."""

    @abstractmethod
    def meters(self, now: datetime) -> Mapping[str, MeterReading]:
        """Poll the meters once."""

    @abstractmethod
    def connectors(self, now: datetime) -> Mapping[str, ConnectorReading]:
        """Return what the chargers say."""

    @abstractmethod
    def follow(self, decision: Decision, now: datetime) -> None:
        """Command the setpoints of a decision."""

    @abstractmethod
    def advance(self, seconds: float) -> None:
        """Let time pass."""

    @abstractmethod
    def currents(self, decision: Decision) -> Mapping[str, PerPhase]:
        """Return the current of each zone that must stay below its limit, in A."""


class MeterPoll:
    """Keeps the last reading of a meter and counts the polls that it missed."""

    def __init__(self) -> None:
        self._silent = False
        self._voltages: PerPhase | None = None
        self._reading: MeterReading | None = None

    def happen(self, changes: Mapping[str, Any]) -> None:
        """Let an event happen to the meter."""
        self._silent = changes.get("silent", self._silent)
        if "voltages" in changes:
            self._voltages = _per_phase(changes["voltages"])

    def read(self, currents: PerPhase | None, now: datetime) -> MeterReading | None:
        """Poll once; the meter shows these currents unless it is silent."""
        last = self._reading
        if currents is not None and not self._silent:
            self._reading = MeterReading(currents=currents, at=now, voltages=self._voltages)
        elif last:
            self._reading = replace(last, missed=last.missed + 1)
        return self._reading


class ScriptedInputs(Inputs):
    """A world in which only the events of the file happen."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario)
        self._polls = {meter.id: MeterPoll() for meter in scenario.site.meters}
        self._shown: dict[str, PerPhase] = {}
        self._connectors: dict[str, _ScriptedConnector] = {}

    @override
    def happen_to_zone(self, event: Event) -> None:
        pass  # only people do something to a zone here

    @override
    def happen_to_connector(self, event: Event) -> None:
        connector = self._connectors.setdefault(event.id, _ScriptedConnector(self))
        connector.fields.update(event.changes)

    @override
    def happen_to_meter(self, event: Event) -> None:
        if "currents" in event.changes:
            self._shown[event.id] = PerPhase(*event.changes["currents"])
        self._polls[event.id].happen(event.changes)

    @override
    def meters(self, now: datetime) -> Mapping[str, MeterReading]:
        readings = {key: poll.read(self._shown.get(key), now) for key, poll in self._polls.items()}
        return {key: reading for key, reading in readings.items() if reading}

    @override
    def connectors(self, now: datetime) -> Mapping[str, ConnectorReading]:
        return {key: connector.reading(now) for key, connector in self._connectors.items()}

    @override
    def follow(self, decision: Decision, now: datetime) -> None:
        for key, connector in self._connectors.items():
            connector.accept(decision.setpoints[key].current)

    @override
    def advance(self, seconds: float) -> None:
        pass  # nothing moves by itself

    @override
    def currents(self, decision: Decision) -> Mapping[str, PerPhase]:
        totals = {zone: PerPhase() for zone in self.site.zone_by_id}
        for connector in self.site.connectors:
            current = decision.setpoints[connector.id].current
            for zone in self.site.path(self.site.zone_of[connector.id]):
                totals[zone] += PerPhase.on(connector.wiring.phases, current)
        return totals


class _ScriptedConnector:
    """A connector whose fields events set; it accepts every setpoint unless told otherwise."""

    def __init__(self, inputs: Inputs) -> None:
        self.fields: dict[str, Any] = {}
        self._inputs = inputs
        self._accepted = 0.0
        self._confirmed: tuple[float | None, datetime] | None = None
        self._heard_at: datetime | None = None

    @property
    def _online(self) -> bool:
        return bool(self.fields.get("online", True))

    def accept(self, setpoint: float) -> None:
        if self._online:
            self._accepted = setpoint

    def reading(self, now: datetime) -> ConnectorReading:
        fields = self.fields
        if self._online or self._heard_at is None:
            self._heard_at = now
        confirmed = fields.get("confirmed", self._accepted)
        if self._confirmed is None or self._confirmed[0] != confirmed:
            self._confirmed = (confirmed, now)
        drawn, lease = fields.get("drawn"), fields.get("lease_until")
        booted_at = fields.get("booted_at")
        return ConnectorReading(
            online=self._online,
            status=ConnectorStatus(fields.get("status", ConnectorStatus.UNKNOWN)),
            drawn=_per_phase(drawn),
            drawn_at=None if drawn is None else self._heard_at,
            confirmed=confirmed,
            confirmed_at=self._confirmed[1],
            offered=fields.get("offered"),
            lease_until=None if lease is None else self._inputs.time(lease),
            fallback_refused=fields.get("fallback_refused", False),
            starts_free=fields.get("starts_free", False),
            session=fields.get("session"),
            badge=fields.get("badge"),
            energy=fields.get("energy"),
            per_phase=fields.get("per_phase", False),
            phase_count=fields.get("phase_count"),
            booted_at=None if booted_at is None else self._inputs.time(booted_at),
            can_toggle_pilot=fields.get("can_toggle_pilot", False),
        )


def _per_phase(values: list[float] | None) -> PerPhase | None:
    return None if values is None else PerPhase(*values)


def _set_or_drop(limits: dict[str, float], event: Event, field: str = "limit") -> None:
    if field not in event.changes:
        return
    if event.changes[field] is None:
        limits.pop(event.id, None)
    else:
        limits[event.id] = event.changes[field]


def _with_contacts(
    asked: Asked, changes: Mapping[str, Any], time: Callable[[float], datetime]
) -> Asked:
    """Return what is asked for after contacts of the site have changed."""
    if "shed_to" in changes:
        shedding = _ask(changes["shed_to"])
        if shedding is not None and "shed_until" in changes:
            shedding = replace(shedding, until=time(changes["shed_until"]))
        asked = replace(asked, shedding=shedding)
    if "percent" in changes:
        asked = replace(asked, percent=_ask(changes["percent"]))
    if "enabled" in changes:
        asked = replace(asked, stop=None if changes["enabled"] else Ask(0.0))
    return asked


def _with_sensors(asked: Asked, event: Event) -> Asked:
    """Return what is asked for after the sensor that limits a zone has changed."""
    limits = asked.limits
    for name, unit in _EXTERNAL.items():
        if name in event.changes:
            most = event.changes[name]
            limits = tuple(one for one in limits if (one.zone, one.unit) != (event.id, unit))
            if most is not None:
                limits += (ZoneLimit(zone=event.id, ask=Ask(most), unit=unit),)
    return replace(asked, limits=limits)


def _ask(most: float | None) -> Ask | None:
    return None if most is None else Ask(most)
