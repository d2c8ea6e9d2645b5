"""Meters at house and inverter, and meters of chargers: what the engine makes of them (A10.6)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.known.roles import Roles
from custom_components.headroom.engine.site.errors import SiteError
from custom_components.headroom.engine.site.model import Meter, MeterRole, Site, Supply, Zone
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import (
    ConnectorReading,
    MeterReading,
    Snapshot,
)
from custom_components.headroom.engine.tuning import Tuning

from ..plant import Plant, charger

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
STALE = Tuning().stale_draw
ZONE = Zone(id="z", limit=PerPhase.same(32), supply=Supply.DYNAMIC)
HOUSE = Meter(id="house", zone="z", role=MeterRole.HOUSE)
SOLAR = Meter(id="solar", zone="z", role=MeterRole.SOLAR)
OWN = Meter(id="own", zone="z", role=MeterRole.CHARGER, connector="a")


def pair(*meters: Meter) -> Roles:
    return Roles.of(Site(zones=(ZONE,), meters=(HOUSE, *meters)))


def shown(l1: float, l2: float, l3: float, age: float = 0.0) -> MeterReading:
    return MeterReading(currents=PerPhase(l1, l2, l3), at=NOW - timedelta(seconds=age))


def supply(roles: Roles, **meters: MeterReading) -> MeterReading | None:
    return roles.worked_in(Snapshot(now=NOW, meters=meters), STALE).meters.get("house")


def test_what_is_drawn_at_the_grid_is_what_the_house_draws_less_the_sun() -> None:
    roles = pair(SOLAR)
    assert supply(roles, house=shown(20, 5, 1), solar=shown(-8, -8, 0)) == shown(12, -3, 1)


def test_all_inverters_beside_the_house_count_and_no_others() -> None:
    roles = pair(
        SOLAR,
        Meter(id="roof", zone="z", role=MeterRole.SOLAR),
        Meter(id="battery", zone="z", role=MeterRole.BATTERY),
    )
    found = supply(
        roles,
        house=shown(20, 20, 20),
        solar=shown(-4, -4, -4),
        roof=shown(-1, -2, -3),
        battery=shown(5, 5, 5),
    )
    assert found == shown(15, 14, 13)


@pytest.mark.parametrize(
    "solar",
    [
        None,
        shown(-8, -8, -8, age=6),
        replace(shown(-8, -8, -8), missed=3),
        replace(shown(0, 0, 0), lost=frozenset({0, 1, 2})),
    ],
)
def test_a_silent_inverter_counts_as_no_sun(solar: MeterReading | None) -> None:
    meters = {} if solar is None else {"solar": solar}
    assert supply(pair(SOLAR), house=shown(20, 20, 20), **meters) == shown(20, 20, 20)


def test_phases_that_the_house_does_not_show_stay_lost() -> None:
    house = replace(shown(20, 0, 20), lost=frozenset({1}))
    found = supply(pair(SOLAR), house=house, solar=shown(-8, -8, -8))
    assert found == replace(shown(12, 0, 12), lost=frozenset({1}))


def test_without_the_house_there_is_no_supply() -> None:
    assert supply(pair(SOLAR), solar=shown(8, 8, 8)) is None


def test_a_pair_supplies_its_zone() -> None:
    site = Site(zones=(ZONE,), meters=(SOLAR, HOUSE), chargers=(charger("a"),))
    plant = Plant(site, house=10)
    assert site.meter_of("z") is HOUSE
    plant.run(1)
    assert plant.decision.zones["z"].measured == PerPhase.same(20), "both show 10 A in this plant"
    assert not plant.decision.zones["z"].degraded


@pytest.mark.parametrize("roles", [(MeterRole.SUPPLY, MeterRole.HOUSE), (MeterRole.HOUSE,) * 2])
def test_a_zone_has_one_supply(roles: tuple[MeterRole, MeterRole]) -> None:
    meters = tuple(Meter(id=str(n), zone="z", role=role) for n, role in enumerate(roles))
    with pytest.raises(SiteError, match="second_meter"):
        Site(zones=(ZONE,), meters=meters)


def test_a_connector_has_one_meter() -> None:
    with pytest.raises(SiteError, match="second_own_meter"):
        Site(zones=(ZONE,), meters=(OWN, replace(OWN, id="other")), chargers=(charger("a"),))


def drawn(
    reading: MeterReading, *, wiring: Wiring = Wiring.TRI123, **charging: object
) -> ConnectorReading:
    """Return what is known of a charger with a meter of its own."""
    site = Site(zones=(ZONE,), meters=(OWN,), chargers=(charger("a", wiring=wiring),))
    told = ConnectorReading(online=True, **charging)  # type: ignore[arg-type] # any of its fields
    snapshot = Snapshot(now=NOW, meters={"own": reading}, connectors={"a": told})
    return Roles.of(site).worked_in(snapshot, STALE).connectors["a"]


@pytest.mark.parametrize(
    ("wiring", "terminals"),
    [
        (Wiring.TRI123, PerPhase(1, 2, 3)),
        (Wiring.TRI231, PerPhase(2, 3, 1)),
        (Wiring.TRI132, PerPhase(1, 3, 2)),
        (Wiring.MONO2, PerPhase(2, 0, 0)),
    ],
)
def test_a_charger_that_measures_nothing_draws_what_its_meter_shows(
    wiring: Wiring, terminals: PerPhase
) -> None:
    found = drawn(shown(1, 2, 3, age=2), wiring=wiring)
    assert found == ConnectorReading(
        online=True, drawn=terminals, drawn_at=NOW - timedelta(seconds=2), per_phase=True
    )
    if len(wiring.phases) > 1:
        assert wiring.to_grid(terminals) == PerPhase(1, 2, 3)


def test_a_charger_gives_nothing_back() -> None:
    assert drawn(shown(-1, 2, 0)).drawn == PerPhase(0, 2, 0)


def test_what_a_charger_measures_itself_comes_first() -> None:
    measured = {"drawn": PerPhase(6, 6, 6), "drawn_at": NOW}
    assert drawn(shown(1, 2, 3), **measured) == ConnectorReading(online=True, **measured)  # type: ignore[arg-type]


def test_what_a_charger_measured_long_ago_does_not() -> None:
    old = {"drawn": PerPhase(6, 6, 6), "drawn_at": NOW - STALE - timedelta(seconds=1)}
    found = drawn(shown(1, 2, 3), **old)  # type: ignore[arg-type]
    assert found.drawn == PerPhase(1, 2, 3)


@pytest.mark.parametrize(
    ("reading", "known"),
    [
        (shown(1, 2, 3, age=6), False),
        (replace(shown(1, 0, 3), lost=frozenset({1})), False),
        (replace(shown(0, 2, 3), lost=frozenset({0})), True),
    ],
)
def test_a_silent_meter_says_nothing_of_its_charger(reading: MeterReading, known: bool) -> None:
    assert (drawn(reading, wiring=Wiring.MONO2).drawn is not None) is known


def test_a_meter_of_a_charger_that_is_gone_is_no_fault() -> None:
    site = Site(zones=(ZONE,), meters=(OWN,))
    snapshot = Snapshot(now=NOW, meters={"own": shown(1, 2, 3)})
    assert Roles.of(site).worked_in(snapshot, STALE) is snapshot


def test_the_draw_at_a_meter_frees_what_a_car_does_not_take() -> None:
    """Without it the car counts with all that it is offered."""
    site = Site(
        zones=(replace(ZONE, supply=Supply.STATIC),), meters=(OWN,), chargers=(charger("a"),)
    )
    plant = Plant(site)
    plant.cars["a"].silent, plant.cars["a"].wants = True, 10.0
    plant.run(60)
    assert plant.decision.zones["z"].drawn == PerPhase.same(10)
