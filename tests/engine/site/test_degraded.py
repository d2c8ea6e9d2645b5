"""What chargers take when contact is lost, and what that leaves to the others."""

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.site.degraded import OfflinePolicy
from custom_components.headroom.engine.site.model import Site, Zone
from custom_components.headroom.engine.snapshot import ConnectorStatus

from ..plant import Plant, charger, dynamic_site, static_site


@pytest.mark.parametrize(
    ("policy", "fallback", "expected"),
    [
        (OfflinePolicy.FALLBACK, None, 6.0),
        (OfflinePolicy.FALLBACK, 10.0, 10.0),
        (OfflinePolicy.CAP, None, 6.0),
        (OfflinePolicy.CAP, 10.0, 10.0),
        (OfflinePolicy.PAUSE, None, 0.0),
        (OfflinePolicy.PAUSE, 10.0, 0.0),
        (OfflinePolicy.KEEP, None, 0.0),
        (OfflinePolicy.KEEP, 10.0, 0.0),
    ],
)
def test_fallback_by_policy(policy: OfflinePolicy, fallback: float | None, expected: float) -> None:
    site = static_site(32, [charger("a", offline=policy, fallback=fallback), charger("b")])
    assert site.fallback_of["a"] == expected


@pytest.mark.parametrize(
    ("policy", "others"),
    [
        (OfflinePolicy.FALLBACK, 26.0),
        (OfflinePolicy.CAP, 26.0),
        (OfflinePolicy.PAUSE, 32.0),
        (OfflinePolicy.KEEP, 16.0),
    ],
)
def test_others_share_what_a_lost_charger_leaves_by_its_policy(
    policy: OfflinePolicy, others: float
) -> None:
    plant = Plant(static_site(32, [charger("a", offline=policy), charger("b")]))
    plant.run(30)
    plant.cars["a"].lose(plant.now)
    plant.run(60)
    assert plant.setpoints()["b"] == 16.0
    plant.run(120)
    assert plant.setpoints()["b"] == others
    assert max(max(current) for _, current in plant.history) <= 32


def test_a_charger_that_keeps_its_setpoint_frees_it_when_it_is_back() -> None:
    plant = Plant(static_site(32, [charger("a", offline=OfflinePolicy.KEEP), charger("b")]))
    plant.run(30)
    plant.cars["a"].lose(plant.now)
    plant.run(600)
    plant.cars["a"].come_back()
    plant.cars["a"].status = ConnectorStatus.AVAILABLE
    plant.run(60)
    assert plant.setpoints() == {"a": 0.0, "b": 32.0}


def test_floors_that_do_not_fit_are_not_taken_by_anybody() -> None:
    site = static_site(17.9, [charger(name) for name in "abc"])
    assert set(site.fallback_of.values()) == {0.0}
    site = static_site(18, [charger(name) for name in "abc"])
    assert set(site.fallback_of.values()) == {6.0}


def test_floors_that_do_not_fit_above_are_not_taken_below() -> None:
    site = Site(
        zones=(
            Zone(id="main", limit=PerPhase.same(16)),
            Zone(id="east", parent="main", limit=PerPhase.same(16)),
            Zone(id="west", parent="main", limit=PerPhase.same(16)),
        ),
        chargers=(
            charger("a", "east"),
            charger("b", "east"),
            charger("c", "west"),
        ),
    )
    assert set(site.fallback_of.values()) == {0.0}


@pytest.mark.parametrize(
    ("limit", "scale", "fallback"), [(30, True, 15.0), (30, False, 6.0), (100, True, 32.0)]
)
def test_room_above_the_floors_is_shared_where_the_zone_says_so(
    limit: float, scale: bool, fallback: float
) -> None:
    zone = Zone(id="z", limit=PerPhase.same(limit), scale_fallback=scale)
    site = Site(zones=(zone,), chargers=(charger("a"), charger("b")))
    assert site.fallback_of == {"a": fallback, "b": fallback}


def test_nobody_takes_anything_where_other_loads_would_not_be_watched() -> None:
    assert dynamic_site(60, [charger("a")]).fallback_of == {"a": 0.0}
    assert dynamic_site(60, [charger("a", fallback=8.0)]).fallback_of == {"a": 8.0}


@pytest.mark.parametrize(
    ("margin", "cluster_max", "fallback"), [(0.0, None, 6.0), (20.0, None, 0.0), (0.0, 11.0, 0.0)]
)
def test_floors_must_fit_into_what_is_for_evs(
    margin: float, cluster_max: float | None, fallback: float
) -> None:
    zone = Zone(id="z", limit=PerPhase.same(13), margin=margin, cluster_max=cluster_max)
    site = Site(zones=(zone,), chargers=(charger("a"), charger("b")))
    assert site.fallback_of == {"a": fallback, "b": fallback}


def test_lost_charger_counts_with_the_fallback_that_it_took_on() -> None:
    """A lower limit leaves no floors as fallbacks, but who is lost cannot be told so."""
    site = static_site(20, [charger("a"), charger("b")])
    plant = Plant(site)
    plant.run(30)
    plant.cars["a"].lose(plant.now)
    plant.rebuild(static_site(10, site.chargers))
    assert plant.site.fallback_of["a"] == 0
    plant.run(120)
    assert plant.true_current().l1 <= 10
    assert plant.controller.state.connectors["a"].worst == 6
    plant.restart_as_it_is()
    plant.run(30)
    assert plant.true_current().l1 <= 10
    plant.cars["a"].come_back()
    plant.run(30)
    plant.cars["a"].lose(plant.now)
    plant.run(120)
    assert plant.controller.state.connectors["a"].worst == 0
