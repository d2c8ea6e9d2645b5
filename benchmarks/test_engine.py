"""How long the engine takes: `.venv/bin/python -m pytest benchmarks --benchmark-only`.

Bounds to keep in mind: sharing among 30 chargers within 1 ms, among 1000 within 20 ms.
"""

from datetime import UTC, datetime
from random import Random

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from custom_components.headroom.engine.controller import SiteController
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.sharing.admission import Claim
from custom_components.headroom.engine.sharing.allocation import allocate
from custom_components.headroom.engine.sharing.plan import Plan
from custom_components.headroom.engine.site.model import Charger, Connector, Site, Zone
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorReading, ConnectorStatus, Snapshot

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SIZES = (5, 30, 100, 1000)


def site_of(chargers: int) -> Site:
    """Return a tree of boards with five chargers each, wired by chance."""
    random = Random(chargers)
    main = Zone(id="main", limit=PerPhase.same(chargers * 10))
    boards = [
        Zone(id=f"board{n}", parent="main", limit=PerPhase.same(min(50, chargers * 10)))
        for n in range(-(-chargers // 5))
    ]
    return Site(
        zones=(main, *boards),
        chargers=tuple(
            Charger(
                id=f"c{n}",
                zone=f"board{n // 5}",
                connectors=(
                    Connector(id=f"c{n}", wiring=random.choice(list(Wiring)), fallback=0.0),
                ),
            )
            for n in range(chargers)
        ),
    )


@pytest.mark.parametrize("chargers", SIZES)
def test_allocate(benchmark: BenchmarkFixture, chargers: int) -> None:
    """Share headroom among chargers of which each asks for something else."""
    site = site_of(chargers)
    plan = Plan.of(site)
    headroom = plan.headroom({zone.id: zone.limit for zone in site.zones})
    random = Random(1)
    claims = [
        Claim(
            connector=c.id,
            phases=c.wiring.phases,
            floor=60,
            cap=random.choice([160, 200, 320]),
            rank=(n,),
        )
        for n, c in enumerate(site.connectors)
    ]
    grants = benchmark(allocate, plan, headroom, claims)
    assert len(grants) == chargers


@pytest.mark.parametrize("chargers", SIZES)
def test_step(benchmark: BenchmarkFixture, chargers: int) -> None:
    """Run one whole step of the controller."""
    site = site_of(chargers)
    controller = SiteController(site)
    reading = ConnectorReading(
        online=True, status=ConnectorStatus.CHARGING, confirmed=0.0, confirmed_at=NOW
    )
    snapshot = Snapshot(now=NOW, connectors={c.id: reading for c in site.connectors})
    decision = benchmark(controller.step, snapshot)
    assert len(decision.setpoints) == chargers
