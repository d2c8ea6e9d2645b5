"""The links of a site and who loads them."""

import pytest

from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.sharing.plan import (
    UNLIMITED,
    Link,
    LinkKind,
    Plan,
    round_down,
    round_up,
)
from custom_components.headroom.engine.site.model import Charger, Connector, SharingMode, Site, Zone


def site(*zones: Zone, **chargers: str) -> Site:
    """Return a site with one connector in each of the named zones."""
    return Site(
        zones=zones,
        chargers=tuple(
            Charger(id=key, zone=zone, connectors=(Connector(id=key, fallback=0.0),))
            for key, zone in chargers.items()
        ),
    )


def house(unbalance: float | None = None) -> Plan:
    """Return a garage below a main board."""
    main = Zone(id="main", limit=PerPhase.same(35), unbalance=unbalance)
    garage = Zone(id="garage", parent="main", limit=PerPhase.same(25))
    return Plan.of(site(main, garage, car="garage"))


def loaded(plan: Plan, phases: tuple[int, ...]) -> list[Link]:
    return [plan.links[number] for number in plan.links_of("car", phases)]


def test_a_connector_loads_its_zone_and_those_above() -> None:
    assert loaded(house(), (1,)) == [Link("garage", 1), Link("main", 1)]


def test_three_phases_load_three_links_in_each_zone() -> None:
    zones = [link.zone for link in loaded(house(), PHASES)]
    assert zones == ["garage"] * 3 + ["main"] * 3


@pytest.mark.parametrize("phases", [(2,), (0, 2)])
def test_only_one_and_two_phases_unbalance_a_zone(phases: tuple[int, ...]) -> None:
    limited = [link.phase for link in loaded(house(20), phases) if link.kind is LinkKind.UNBALANCE]
    assert tuple(limited) == phases
    assert not [link for link in loaded(house(20), PHASES) if link.kind is LinkKind.UNBALANCE]


def test_the_order_of_phases_does_not_matter_to_balance() -> None:
    assert loaded(house(20), (2, 0, 1)) == loaded(house(20), PHASES)


def test_a_zone_without_unbalance_has_no_such_links() -> None:
    assert all(link.kind is LinkKind.CURRENT for link in house().links)
    assert sum(link.kind is LinkKind.UNBALANCE for link in house(20).links) == 3


def test_headroom_is_rounded_down_and_never_negative() -> None:
    plan = house()
    budgets = {"main": PerPhase(-3, 10.09, 10.0), "garage": PerPhase.same(6)}
    room = dict(zip(plan.links, plan.headroom(budgets), strict=True))
    assert [room[Link("main", phase)] for phase in PHASES] == [0, 100, 100]
    assert room[Link("garage", 0)] == 60


def test_unbalance_is_unlimited_unless_given() -> None:
    plan = house(20)
    budgets = {"main": PerPhase.same(35), "garage": PerPhase.same(25)}
    link = plan.links.index(Link("main", 2, LinkKind.UNBALANCE))
    assert plan.headroom(budgets)[link] == UNLIMITED
    assert plan.headroom(budgets, {})[link] == UNLIMITED
    assert plan.headroom(budgets, {"main": PerPhase(1, 2, 3.3)})[link] == 33


def test_totals_are_rounded_up_per_connector() -> None:
    main = Zone(id="main", limit=PerPhase.same(35))
    plan = Plan.of(site(main, a="main", b="main"))
    totals = plan.total({"a": 6.01, "b": 7.0}, {"a": (0,), "b": PHASES})
    assert dict(zip(plan.links, totals, strict=True)) == {
        Link("main", 0): 61 + 70,
        Link("main", 1): 70,
        Link("main", 2): 70,
    }


@pytest.mark.parametrize("amperes", [0.1, 5.999, 6.0, 13.799999999999999, 31.95])
def test_rounding_is_safe(amperes: float) -> None:
    assert round_down(amperes) / 10 <= amperes + 1e-6
    assert round_up(amperes) / 10 >= amperes - 1e-6


def modes(*zones: Zone) -> list[tuple[str, SharingMode]]:
    return [(group.zone, group.mode) for group in Plan.of(site(*zones)).groups]


def zone(key: str, parent: str | None = None, mode: SharingMode | None = None) -> Zone:
    return Zone(id=key, parent=parent, limit=PerPhase.same(35), sharing=mode)


def test_zones_share_as_their_parent_does() -> None:
    assert modes(zone("a"), zone("b", "a"), zone("c", "b")) == [("a", SharingMode.EQUAL)]


def test_a_zone_with_another_mode_is_a_group_of_its_own() -> None:
    inner = zone("b", "a", SharingMode.FIFO)
    assert modes(zone("c", "b"), inner, zone("a")) == [
        ("a", SharingMode.EQUAL),
        ("b", SharingMode.FIFO),
    ]


def test_saying_the_same_as_the_parent_makes_no_group() -> None:
    outer, inner = zone("a", None, SharingMode.FIFO), zone("b", "a", SharingMode.FIFO)
    assert modes(outer, inner) == [("a", SharingMode.FIFO)]


def test_another_part_by_arrival_is_another_mode() -> None:
    outer = zone("a", None, SharingMode.COMBINED)
    inner = Zone(
        id="b",
        parent="a",
        limit=PerPhase.same(35),
        sharing=SharingMode.COMBINED,
        fifo_share=0.8,
    )
    assert [group.fifo_share for group in Plan.of(site(outer, inner)).groups] == [0.5, 0.8]


def test_each_root_is_a_group() -> None:
    assert modes(zone("a"), zone("b", None, SharingMode.FIFO)) == [
        ("a", SharingMode.EQUAL),
        ("b", SharingMode.FIFO),
    ]
