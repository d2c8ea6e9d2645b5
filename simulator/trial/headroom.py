"""Headroom's own controller as a trial's."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, override

from custom_components.headroom.engine.controller import SiteController
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.site.breaker import ProtectiveDevice
from custom_components.headroom.engine.site.model import (
    Charger,
    Connector,
    Meter,
    Site,
    Supply,
    Zone,
)
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import (
    ConnectorReading,
    ConnectorStatus,
    MeterReading,
    Snapshot,
)
from custom_components.headroom.engine.tuning import Tuning

from .charger import Report
from .controller import Controller, Installation, View
from .outlet import Outlet

_START: Final = datetime(2026, 3, 1, tzinfo=UTC)
_WIRINGS: Final = {wiring.phases: wiring for wiring in Wiring}
_SHORTEST_AGE: Final = timedelta(seconds=5)


class HeadroomController(Controller):
    """Shows a trial to a `SiteController` as a site of one dynamic zone."""

    def __init__(
        self, installation: Installation, tuning: Tuning | None = None, margin: float = 0.0
    ) -> None:
        """Follow a tuning; `margin` is the zone's grid-protection margin in %."""
        self._ids = [f"c{number}" for number in range(len(installation.outlets))]
        self._outlets = installation.outlets
        self._controller = SiteController(_site(installation, self._ids, margin), tuning=tuning)

    @override
    def decide(self, view: View) -> Sequence[float]:
        meters = {}
        if view.sample is not None:
            currents = PerPhase(*view.sample.currents)
            meters["m"] = MeterReading(currents=currents, at=_time(view.sample.at))
        snapshot = Snapshot(
            now=_time(view.now),
            meters=meters,
            connectors={
                key: _reading(report, outlet)
                for key, report, outlet in zip(self._ids, view.reports, self._outlets, strict=True)
            },
        )
        setpoints = self._controller.step(snapshot).setpoints
        return [setpoints[key].current for key in self._ids]


def _site(installation: Installation, ids: Sequence[str], margin: float) -> Site:
    limit = PerPhase.same(installation.limit)
    age = timedelta(seconds=3 * installation.meter_period + installation.meter_latency)
    return Site(
        zones=(
            Zone(
                id="z",
                limit=limit,
                supply=Supply.DYNAMIC,
                protection=ProtectiveDevice.MCB_B,
                margin=margin,
            ),
        ),
        meters=(Meter(id="m", zone="z", max_age=max(_SHORTEST_AGE, age)),),
        chargers=tuple(
            Charger(
                id=key,
                zone="z",
                connectors=(
                    Connector(
                        id=key,
                        wiring=_WIRINGS[outlet.phases],
                        max_current=outlet.most,
                        fallback=0.0,
                    ),
                ),
            )
            for key, outlet in zip(ids, installation.outlets, strict=True)
        ),
    )


def _reading(report: Report, outlet: Outlet) -> ConnectorReading:
    terminals = tuple(range(len(outlet.phases)))
    return ConnectorReading(
        online=True,
        status=_status(report),
        drawn=PerPhase.on(terminals, report.drawn),
        drawn_at=_time(report.drawn_at),
        confirmed=report.confirmed,
        confirmed_at=_time(report.confirmed_at),
        offered=report.accepted,
    )


def _status(report: Report) -> ConnectorStatus:
    if not report.offers:
        return ConnectorStatus.SUSPENDED_EVSE
    return ConnectorStatus.CHARGING if report.charging else ConnectorStatus.SUSPENDED_EV


def _time(seconds: float) -> datetime:
    return _START + timedelta(seconds=seconds)
