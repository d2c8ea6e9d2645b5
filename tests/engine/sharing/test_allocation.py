"""Sharing: the manuals' tables, classes, overdrafts, and zones that share in their own way."""

import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.sharing.admission import Claim
from custom_components.headroom.engine.sharing.allocation import Grant, allocate
from custom_components.headroom.engine.sharing.plan import Link, LinkKind, Plan
from custom_components.headroom.engine.site.model import Charger, Connector, SharingMode, Site, Zone

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "allocation.json").read_text())
ONE = (0,)


def site_of(zones: tuple[Zone, ...], places: dict[str, str]) -> Site:
    """Return a site with a connector in each named place."""
    return Site(
        zones=zones,
        chargers=tuple(
            Charger(id=key, zone=zone, connectors=(Connector(id=key, fallback=0.0),))
            for key, zone in places.items()
        ),
    )


def car(
    key: str,
    cap: float = 32,
    phases: tuple[int, ...] = ONE,
    *,
    floor: float = 6,
    step: int = 10,
    priority: int = 0,
    base: float = 0,
    holds: bool = False,
    stands_back: bool = False,
) -> Claim:
    """Return the claim of a car, in A; ranks and arrivals follow the names."""
    return Claim(
        connector=key,
        phases=phases,
        floor=round(floor * 10),
        cap=round(cap * 10),
        step=step,
        priority=priority,
        rank=(key,),
        arrival=(key,),
        base=round(base * 10),
        holds=holds,
        stands_back=stands_back,
    )


def share(
    zones: tuple[Zone, ...],
    places: dict[str, str],
    claims: list[Claim],
    overdraft: dict[Link, int] | None = None,
) -> dict[str, Grant]:
    """Share the limits of the zones; the overdraft is in deciamps."""
    plan = Plan.of(site_of(zones, places))
    room = plan.headroom({zone.id: zone.limit for zone in zones})
    most = None if overdraft is None else [overdraft.get(link, 0) for link in plan.links]
    return allocate(plan, room, claims, overdraft=most)


def currents(zones: tuple[Zone, ...], places: dict[str, str], claims: list[Claim]) -> list[float]:
    """Return the shares in A in the order of the claims."""
    grants = share(zones, places, claims)
    return [grants[claim.connector].current / 10 for claim in claims]


def in_one_zone(
    limit: float | PerPhase, *claims: Claim, mode: SharingMode = SharingMode.EQUAL
) -> list[float]:
    per_phase = limit if isinstance(limit, PerPhase) else PerPhase.same(limit)
    zone = Zone(id="z", limit=per_phase, sharing=mode)
    return currents((zone,), {claim.connector: "z" for claim in claims}, list(claims))


@pytest.mark.parametrize("phases", [ONE, PHASES])
@pytest.mark.parametrize("case", VECTORS["cases"])
def test_tables_of_the_manuals(case: dict[str, Any], phases: tuple[int, ...]) -> None:
    """A13.4 of the requirements, where the rule settles what the manuals misprint."""
    mode = SharingMode(case["mode"])
    claims = [car(f"{n}", cap, phases) for n, cap in enumerate(case["draw"]) if cap is not None]
    expected = [out for out, cap in zip(case["out"], case["draw"], strict=True) if cap is not None]
    assert in_one_zone(case["limit"], *claims, mode=mode) == expected
    if "idle" in case:
        newcomer = car("9", VECTORS["cap"], phases)
        assert in_one_zone(case["limit"], *claims, newcomer, mode=mode)[-1] == case["idle"]


@pytest.mark.parametrize(
    ("limit", "caps", "expected"),
    [
        (5.9, [32], [0]),
        (6, [32], [6]),
        (64, [32, 32], [32, 32]),
        (100, [10, 40], [10, 40]),
        (100, [5, 40], [0, 40]),
        (0, [32, 32], [0, 0]),
    ],
)
def test_equal_shares(limit: float, caps: list[float], expected: list[float]) -> None:
    claims = [car(f"{n}", cap) for n, cap in enumerate(caps)]
    assert in_one_zone(limit, *claims) == expected


@pytest.mark.parametrize("mode", SharingMode)
def test_who_stands_back_keeps_its_floor_and_gets_what_others_of_its_class_leave(
    mode: SharingMode,
) -> None:
    first, back = car("b", 20), car("a", stands_back=True)
    assert in_one_zone(11, first, back, mode=mode) == [0, 11]
    assert in_one_zone(20, first, back, mode=mode) == [14, 6]
    assert in_one_zone(30, first, back, mode=mode) == [20, 10]
    assert in_one_zone(30, car("b", 20, priority=1), back, mode=mode) == [0, 30]


def test_nobody_asks() -> None:
    assert in_one_zone(16) == []


def test_one_phase_cars_on_different_phases_do_not_share() -> None:
    assert in_one_zone(16, car("a", 32, (0,)), car("b", 32, (1,)), car("c", 32, (2,))) == [16] * 3


def test_three_phase_car_is_bound_by_its_tightest_phase() -> None:
    assert in_one_zone(PerPhase(20, 9, 20), car("a", 32, PHASES), car("b", 32, ONE)) == [9, 11]


def test_one_step_for_two_cars_on_one_phase_beats_one_on_three() -> None:
    cars = [car("a", 32, PHASES), car("b", 32, (0,)), car("c", 32, (1,))]
    assert in_one_zone(PerPhase(13, 13, 20), *cars) == [6, 7, 7]


def test_one_step_for_three_phases_beats_one_for_one() -> None:
    assert in_one_zone(PerPhase(13, 20, 20), car("a", 32, ONE), car("b", 32, PHASES)) == [6, 7]


def test_each_keeps_to_its_own_steps() -> None:
    cars = [car("a"), car("b", step=1), car("c", step=4)]
    assert in_one_zone(20.3, *cars) == [7, 6.9, 6.4]


def test_what_one_cannot_use_in_steps_goes_to_who_can() -> None:
    assert in_one_zone(14.9, car("a"), car("b", step=1)) == [7, 7.9]


def test_floors_differ() -> None:
    assert in_one_zone(30, car("a", floor=14), car("b"), car("c")) == [14, 8, 8]


def test_a_floor_off_the_grid_is_rounded_up() -> None:
    assert in_one_zone(30, car("a", floor=6.5)) == [30]
    assert in_one_zone(6.9, car("a", floor=6.5)) == [0]


def test_grant_names_the_full_link() -> None:
    zone = Zone(id="z", limit=PerPhase(20, 9, 20))
    plan = Plan.of(site_of((zone,), {"a": "z"}))
    grant = allocate(plan, plan.headroom({"z": zone.limit}), [car("a", 32, PHASES)])["a"]
    assert grant.bottleneck is not None
    assert plan.links[grant.bottleneck] == Link("z", 1)


def test_grant_without_bottleneck_has_all_it_asks_for() -> None:
    zone = Zone(id="z", limit=PerPhase.same(20))
    assert share((zone,), {"a": "z"}, [car("a", 16)])["a"] == Grant(160)
    assert share((zone,), {"a": "z"}, [car("a", 5)])["a"] == Grant(0)


def test_a_refusal_names_the_link_that_lacks_most() -> None:
    zone = Zone(id="z", limit=PerPhase(5, 4, 20))
    plan = Plan.of(site_of((zone,), {"a": "z"}))
    grant = allocate(plan, plan.headroom({"z": zone.limit}), [car("a", 32, PHASES)])["a"]
    assert grant == Grant(0, plan.links.index(Link("z", 1)))


def test_base_costs_nothing_and_stays() -> None:
    assert in_one_zone(3, car("a", base=10), car("b")) == [13, 0]


def test_base_above_the_cap_stays_too() -> None:
    assert in_one_zone(3, car("a", 8, base=10)) == [10]


def test_a_base_off_the_grid_reaches_the_grid_first() -> None:
    assert in_one_zone(3, car("a", base=10.4)) == [13]
    assert in_one_zone(0.5, car("a", base=10.4)) == [10.4]


# --- Classes ------------------------------------------------------------------------------------


def test_a_class_is_served_before_the_next_one_gets_anything() -> None:
    """Section 3.1 of the Circontrol manual: 40 A, one priority car at 32 A leaves 8 A (A13.7)."""
    assert in_one_zone(40, car("a", priority=1), car("b", priority=0)) == [8, 32]


def test_members_of_a_class_share_alike() -> None:
    """Two priority plugs take 64 of 79 A; of 15 A only one other fits on a floor of 8 A (A13.7)."""
    vips = [car("a", priority=0, floor=8), car("b", priority=0, floor=8)]
    others = [car(name, priority=1, floor=8) for name in "cde"]
    assert in_one_zone(79, *others, *vips) == [15, 0, 0, 32, 32]


def test_several_vips_get_less_than_their_rating_together() -> None:
    vips = [car(name, priority=0) for name in "abc"]
    assert in_one_zone(60, *vips, car("d", priority=1)) == [20, 20, 20, 0]


def test_fifo_fills_within_the_class_only() -> None:
    cars = [car("a", priority=1), car("b", priority=0), car("c", priority=0)]
    assert in_one_zone(60, *cars, mode=SharingMode.FIFO) == [0, 32, 28]
    assert in_one_zone(70, *cars, mode=SharingMode.FIFO) == [6, 32, 32]


# --- Overdraft ----------------------------------------------------------------------------------


def overdrawn(limit: float, claims: list[Claim], deciamps: int) -> list[float]:
    zone = Zone(id="z", limit=PerPhase.same(limit))
    places = {claim.connector: "z" for claim in claims}
    grants = share((zone,), places, claims, {Link("z", 0): deciamps})
    return [grants[claim.connector].current / 10 for claim in claims]


def test_who_charges_keeps_the_floor_within_the_overdraft() -> None:
    assert overdrawn(10, [car("a", holds=True), car("b", holds=True)], 20) == [6, 6]
    assert overdrawn(10, [car("a", holds=True), car("b", holds=True)], 19) == [10, 0]


def test_who_does_not_charge_gets_no_overdraft() -> None:
    assert overdrawn(10, [car("a", holds=True), car("b")], 60) == [10, 0]


def test_nobody_rises_on_an_overdrawn_link() -> None:
    cars = [car("a", holds=True), car("b", holds=True), car("c", priority=1)]
    assert overdrawn(11, cars, 60) == [6, 6, 0]


@pytest.mark.parametrize("mode", SharingMode)
def test_nobody_rises_on_an_overdrawn_link_in_any_mode(mode: SharingMode) -> None:
    zone = Zone(id="z", limit=PerPhase(5, 30, 30), sharing=mode)
    claims = [car("a", 32, PHASES, holds=True), car("b", 32, (1,))]
    grants = share((zone,), {"a": "z", "b": "z"}, claims, {Link("z", 0): 10})
    assert [grants[key].current for key in "ab"] == [60, 240]


# --- Unbalance ----------------------------------------------------------------------------------


def test_unbalance_binds_cars_on_one_phase_and_not_those_on_three() -> None:
    zone = Zone(id="z", limit=PerPhase.same(60), unbalance=16)
    plan = Plan.of(site_of((zone,), {"a": "z", "b": "z"}))
    room = plan.headroom({"z": zone.limit}, {"z": PerPhase.same(16)})
    grants = allocate(plan, room, [car("a", 32, PHASES), car("b", 32, ONE)])
    assert [grants[key].current for key in "ab"] == [320, 160]
    bottleneck = grants["b"].bottleneck
    assert bottleneck is not None
    assert plan.links[bottleneck] == Link("z", 0, LinkKind.UNBALANCE)


# --- Zones that share in their own way ----------------------------------------------------------


def nested(outer: SharingMode, inner: SharingMode, limit: float, *caps: float) -> list[float]:
    """Return what two cars on the main board and then two on the inner one get."""
    zones = (
        Zone(id="root", limit=PerPhase.same(limit), sharing=outer),
        Zone(id="hall", parent="root", limit=PerPhase.same(limit)),
        Zone(id="yard", parent="root", limit=PerPhase.same(limit), sharing=inner),
    )
    places = {"a": "hall", "b": "hall", "c": "yard", "d": "yard"}
    claims = [car(key, cap) for key, cap in zip("abcd", caps, strict=True)]
    return currents(zones, places, claims)


def test_fifo_inside_equal_shares_again_what_the_group_got() -> None:
    result = nested(SharingMode.EQUAL, SharingMode.FIFO, 48, 32, 32, 32, 32)
    assert result == [12, 12, 18, 6]


def test_equal_inside_fifo_shares_again_what_the_group_got() -> None:
    assert nested(SharingMode.FIFO, SharingMode.EQUAL, 70, 10, 10, 32, 32) == [10, 10, 25, 25]
    assert nested(SharingMode.FIFO, SharingMode.EQUAL, 70, 10, 26, 32, 10) == [10, 26, 24, 10]


def test_combined_inside_equal() -> None:
    zones = (
        Zone(id="root", limit=PerPhase.same(80)),
        Zone(id="hall", parent="root", limit=PerPhase.same(80)),
        Zone(
            id="yard",
            parent="root",
            limit=PerPhase.same(80),
            sharing=SharingMode.COMBINED,
            fifo_share=0.5,
        ),
    )
    places = {"a": "hall", "b": "hall", "c": "yard", "d": "yard"}
    assert currents(zones, places, [car(key) for key in "abcd"]) == [20, 20, 30, 10]


def test_a_group_inside_a_group() -> None:
    zones = (
        Zone(id="root", limit=PerPhase.same(60)),
        Zone(id="yard", parent="root", limit=PerPhase.same(60), sharing=SharingMode.FIFO),
        Zone(id="gate", parent="yard", limit=PerPhase.same(60)),
        Zone(id="row", parent="yard", limit=PerPhase.same(60), sharing=SharingMode.EQUAL),
    )
    places = {"a": "gate", "b": "gate", "c": "row", "d": "row"}
    assert currents(zones, places, [car(key) for key in "abcd"]) == [32, 16, 6, 6]
    assert currents(zones, places, [car(key, 20) for key in "abcd"]) == [20, 20, 10, 10]


def test_a_group_hands_on_what_its_own_links_cannot_carry() -> None:
    zones = (
        Zone(id="root", limit=PerPhase.same(60)),
        Zone(id="hall", parent="root", limit=PerPhase.same(60)),
        Zone(id="yard", parent="root", limit=PerPhase(60, 20, 60), sharing=SharingMode.FIFO),
    )
    places = {"a": "hall", "b": "yard", "c": "yard"}
    claims = [car("a"), car("b", 32, PHASES), car("c", 32, (0, 1))]
    assert currents(zones, places, claims) == [32, 14, 6]


def test_roots_share_each_in_its_way() -> None:
    zones = (
        Zone(id="x", limit=PerPhase.same(40), sharing=SharingMode.FIFO),
        Zone(id="y", limit=PerPhase.same(40)),
    )
    places = {"a": "x", "b": "x", "c": "y", "d": "y"}
    assert currents(zones, places, [car(key) for key in "abcd"]) == [32, 8, 20, 20]


def test_bases_of_different_floors_fit_together() -> None:
    """A part alike of 10 A each does not fit beside a floor of 14 A; it rises as far as it can."""
    zone = Zone(id="z", limit=PerPhase.same(30), sharing=SharingMode.COMBINED, fifo_share=0.0)
    cars = [car("a"), car("b"), car("c", floor=14)]
    assert currents((zone,), dict.fromkeys("abc", "z"), cars) == [8, 8, 14]
