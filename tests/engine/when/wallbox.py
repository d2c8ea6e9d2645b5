"""A wallbox with one connector at a site whose clock, car and charger a test moves."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from custom_components.headroom.engine.controller import SiteController
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import Decision, Reason
from custom_components.headroom.engine.inputs import Inputs
from custom_components.headroom.engine.memory.state import ControllerState
from custom_components.headroom.engine.site.model import Charger, Connector, Rules, Site, Zone
from custom_components.headroom.engine.snapshot import ConnectorReading, ConnectorStatus, Snapshot
from custom_components.headroom.engine.when.off_peak import ClockRules

PARIS = ZoneInfo("Europe/Paris")
TEN_MINUTES = timedelta(seconds=600)
RULES = ClockRules(longest_delay=TEN_MINUTES)
STEP = timedelta(seconds=30)


def paris(text: str) -> datetime:
    """Return a local time as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


class Wallbox:
    """What people set, what the car and the charger do, and what was decided last."""

    def __init__(self, start: str, rules: ClockRules = RULES, *, off_peak: bool = True) -> None:
        self.now = paris(start)
        self.rules = rules
        self.off_peak = off_peak
        self.lot = 0.5
        self.forced = self.paused = False
        self.inputs = Inputs()
        self.reading = ConnectorReading(online=True, status=ConnectorStatus.AVAILABLE)
        self.controller = SiteController(self._site())
        self.decision: Decision | None = None

    def _site(self) -> Site:
        return Site(
            zones=(Zone(id="z", limit=PerPhase.same(32.0)),),
            chargers=(Charger(id="c", zone="z", connectors=(Connector(id="c1"),)),),
            rules=Rules(clock=self.rules, time_zone=PARIS),
        )

    def change(self, **rules: object) -> None:
        """Change options of the site."""
        self.rules = replace(self.rules, **rules)  # type: ignore[arg-type]  # as given by a test
        self.controller.reconfigure(self._site())

    def restart(self, away: timedelta = timedelta()) -> None:
        """Stop Home Assistant, and start it again after a while."""
        self.now += away
        stored = json.loads(json.dumps(self.controller.state.to_json()))
        self.controller = SiteController(self._site(), ControllerState.from_json(stored))

    def plug_in(self, session: str = "s1", status: ConnectorStatus | None = None) -> None:
        self.show(status=status or ConnectorStatus.CHARGING, session=session)

    def unplug(self) -> None:
        self.show(status=ConnectorStatus.AVAILABLE, session=None)

    def show(self, **changes: object) -> None:
        """Let the charger say something else, and look at it."""
        self.reading = replace(self.reading, **changes)  # type: ignore[arg-type]  # as given
        self.step()

    def step(self) -> None:
        """Decide once."""
        self.reading = replace(
            self.reading, confirmed=self.current if self.decision else 0.0, confirmed_at=self.now
        )
        self.decision = self.controller.step(
            Snapshot(
                now=self.now,
                lots={"c1": self.lot},
                connectors={"c1": self.reading},
                forced=frozenset({"c1"} if self.forced else ()),
                paused=frozenset({"c1"} if self.paused else ()),
                off_peak=frozenset({"c1"} if self.off_peak else ()),
                inputs=self.inputs,
            )
        )
        if "c1" in self.decision.spent_forces:
            self.forced = False

    def until(self, text: str) -> None:
        """Let time pass up to a local time."""
        end = paris(text)
        while self.now < end:
            self.now = min(self.now + STEP, end)
            self.step()

    def is_forced(self) -> bool:
        """Return whether it is still told to charge at once."""
        return self.forced

    @property
    def current(self) -> float:
        assert self.decision is not None
        return self.decision.setpoints["c1"].current

    @property
    def reason(self) -> Reason:
        assert self.decision is not None
        return self.decision.setpoints["c1"].reasons[0]

    @property
    def starts(self) -> str | None:
        """Return the local time until which it waits."""
        until = self.reason.until
        return None if until is None else f"{until.astimezone(PARIS):%H:%M:%S}"
