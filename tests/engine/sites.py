"""Sites for histories: which features they have is drawn."""

from datetime import time, timedelta
from typing import Any

from hypothesis import strategies as st

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.site.breaker import ProtectiveDevice
from custom_components.headroom.engine.site.degraded import OfflinePolicy
from custom_components.headroom.engine.site.model import (
    Meter,
    MeterRole,
    Rules,
    SharingMode,
    Site,
    Supply,
    Zone,
)
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.turns.rotation import SheddingPriority
from custom_components.headroom.engine.when.off_peak import ClockRules, WeekendRule

from .plant import charger

OFFLINE = st.sampled_from([OfflinePolicy.FALLBACK, *OfflinePolicy])

CLOCKS = st.builds(
    ClockRules,
    windows=st.sampled_from([((time(12, 10), time(12, 40)), (time(13), time(11, 55))), ()]),
    weekend=st.just(WeekendRule.AS_WEEKDAYS),
    continues=st.booleans(),
    longest_delay=st.sampled_from([timedelta(), timedelta(seconds=90)]),
    delays_end=st.booleans(),
    resumes=st.sampled_from([True, True, False]),
)
"""Cheap hours begin and end within the first hour of a history."""


@st.composite
def zone_features(draw: st.DrawFn) -> dict[str, Any]:
    """Return what a zone may have beside its limit."""
    return {
        "margin": draw(st.sampled_from([0.0, 0.0, 10.0])),
        "cluster_max": draw(st.sampled_from([None, None, 24.0])),
        "power": draw(st.sampled_from([None, None, 22_000.0])),
        "unbalance": draw(st.sampled_from([None, None, 8.0, 16.0])),
        "sharing": draw(st.sampled_from([None, *SharingMode])),
    }


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    """Return how a site may decide who comes first."""
    return Rules(
        shedding=draw(st.sampled_from(list(SheddingPriority))),
        priority_hours=draw(st.sampled_from([frozenset[int](), frozenset({12}), frozenset({13})])),
        clock=draw(CLOCKS),
    )


@st.composite
def car_parks(draw: st.DrawFn) -> Site:
    """Return two static boards below a metered main board."""
    protection = draw(st.sampled_from([ProtectiveDevice.HARD, *ProtectiveDevice]))
    main: dict[str, Any] = draw(zone_features()) | {"protection": protection}
    garage: dict[str, Any] = draw(zone_features()) | {"margin": 0.0}
    return Site(
        zones=(
            Zone(id="main", limit=PerPhase(63, 50, 40), supply=Supply.DYNAMIC, **main),
            Zone(id="garage", parent="main", limit=PerPhase.same(32), **garage),
            Zone(id="yard", parent="main", limit=PerPhase(25, 20, 16)),
        ),
        meters=(Meter(id="m", zone="main"), Meter(id="r", zone="yard", role=MeterRole.OUTLET)),
        chargers=(
            charger("a", "garage", offline=draw(OFFLINE)),
            charger("b", "garage", Wiring.TRI231, vip=draw(st.booleans())),
            charger("c", "garage", Wiring.MONO2, step=1.0, offline=draw(OFFLINE)),
            charger("d", "yard", Wiring.TRI312, floor=8.0, priority=True),
            charger("e", "yard", Wiring.MONO1, max_current=16.0, offline=draw(OFFLINE)),
        ),
        rules=draw(rules()),
    )


@st.composite
def houses(draw: st.DrawFn) -> Site:
    """Return a metered house with two cars."""
    protection = draw(st.sampled_from([ProtectiveDevice.HARD, *ProtectiveDevice]))
    main: dict[str, Any] = draw(zone_features()) | {"protection": protection}
    return Site(
        zones=(Zone(id="main", limit=PerPhase.same(32), supply=Supply.DYNAMIC, **main),),
        meters=(Meter(id="m", zone="main"),),
        chargers=(
            charger("a", "main", priority=True, offline=draw(OFFLINE)),
            charger("b", "main", step=1.0, vip=draw(st.booleans()), offline=draw(OFFLINE)),
        ),
        rules=draw(rules()),
    )


@st.composite
def boards(draw: st.DrawFn) -> Site:
    """Return a static board with three cars."""
    return Site(
        zones=(Zone(id="main", limit=PerPhase(16, 20, 25), **draw(zone_features())),),
        chargers=(
            charger("a", "main", offline=draw(OFFLINE)),
            charger("b", "main", Wiring.TRI312, step=1.0, vip=draw(st.booleans())),
            charger("c", "main", Wiring.MONO1, priority=True),
        ),
        rules=draw(rules()),
    )
