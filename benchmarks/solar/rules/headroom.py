"""Headroom's own engine as a rule."""

from collections.abc import Container, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, override

from custom_components.headroom.engine.controller import SiteController
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.site.breaker import ProtectiveDevice
from custom_components.headroom.engine.site.model import (
    Charger,
    Connector,
    Meter,
    Rules,
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
from custom_components.headroom.engine.when.permit import SunMode

from ..households import CarPlan, Household
from ..rule import FLOOR, MOST, CarView, Order, Rule, View

ZONE: Final = "house"
_CONNECTION: Final = PerPhase.same(35.0)
_METER_AGE: Final = timedelta(seconds=60)
"""Longer than the steps that the benchmark takes in the dark."""


class Headroom(Rule):
    """Shows a household to a `SiteController` as a site of one dynamic zone."""

    def __init__(
        self,
        household: Household,
        mode: SunMode,
        begin: date,
        rules: Rules | None = None,
        *,
        first_is_vip: bool = False,
    ) -> None:
        """Follow a mode by the rules of a site; None: by those that a new one has.

        Its zone is called `ZONE`. The first of its cars may be privileged.
        """
        self._plans = {f"c{number}": plan for number, plan in enumerate(household.cars)}
        self._mode = mode
        self._midnight = datetime.combine(begin, time(), tzinfo=UTC)
        vips = list(self._plans)[:1] if first_is_vip else []
        self._controller = SiteController(_site(self._plans, rules or Rules(), vips))
        self._orders = [Order(0.0, plan.model.phases) for plan in household.cars]
        self._seen_at = -1.0

    @override
    def decide(self, view: View) -> Sequence[Order]:
        if view.currents_at > self._seen_at:
            self._seen_at = view.currents_at
            self._orders = self._decided(view)
        return self._orders

    def _decided(self, view: View) -> list[Order]:
        decision = self._controller.step(self._snapshot(view))
        return [
            Order(setpoint.current, setpoint.switch_to or before.phases)
            for setpoint, before in zip(
                (decision.setpoints[key] for key in self._plans), self._orders, strict=True
            )
        ]

    def _snapshot(self, view: View) -> Snapshot:
        reading = MeterReading(currents=view.currents, at=self._time(view.currents_at))
        return Snapshot(
            now=self._time(view.now),
            meters={"grid": reading},
            connectors={
                key: self._reading(car, plan)
                for (key, plan), car in zip(self._plans.items(), view.cars, strict=True)
            },
            sun_modes=dict.fromkeys(self._plans, self._mode),
            automatic_phases=frozenset(key for key, plan in self._plans.items() if plan.switchable),
        )

    def _reading(self, car: CarView, plan: CarPlan) -> ConnectorReading:
        return ConnectorReading(
            online=True,
            status=_status(car),
            drawn=PerPhase.on(tuple(range(car.drawn_on)), car.drawn),
            drawn_at=self._time(car.drawn_at),
            per_phase=True,
            confirmed=car.confirmed,
            confirmed_at=self._time(car.confirmed_at),
            offered=car.offered,
            session=None if car.session is None else f"s{car.session}",
            energy=car.energy,
            phase_count=car.phases if plan.switchable else None,
        )

    def _time(self, seconds: float) -> datetime:
        return self._midnight + timedelta(seconds=seconds)


def _site(plans: Mapping[str, CarPlan], rules: Rules, vips: Container[str]) -> Site:
    return Site(
        zones=(
            Zone(
                id=ZONE,
                limit=_CONNECTION,
                supply=Supply.DYNAMIC,
                protection=ProtectiveDevice.MCB_B,
            ),
        ),
        meters=(Meter(id="grid", zone=ZONE, max_age=_METER_AGE),),
        chargers=tuple(
            Charger(
                id=key,
                zone=ZONE,
                connectors=(
                    Connector(
                        id=key,
                        wiring=Wiring.TRI123 if plan.model.phases > 1 else Wiring.MONO1,
                        max_current=MOST,
                        floor=FLOOR,
                        fallback=0.0,
                        vip=key in vips,
                    ),
                ),
            )
            for key, plan in plans.items()
        ),
        rules=rules,
    )


def _status(car: CarView) -> ConnectorStatus:
    if car.session is None:
        return ConnectorStatus.AVAILABLE
    if car.offered < FLOOR:
        return ConnectorStatus.SUSPENDED_EVSE
    return ConnectorStatus.CHARGING if car.asks else ConnectorStatus.SUSPENDED_EV
