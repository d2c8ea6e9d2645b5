"""Water-filling: examples, and the invariants that hold for every instance."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.model import Charger, Connector, Site, Zone
from custom_components.headroom.engine.sharing import Claim, Plan, allocate, round_down, round_up
from custom_components.headroom.engine.wiring import Wiring


def one_zone(limit: PerPhase, wirings: list[Wiring]) -> tuple[Plan, list[int]]:
    site = Site(
        zones=(Zone(id="z", limit=limit),),
        chargers=tuple(
            Charger(id=f"c{n}", zone="z", connectors=(Connector(id=f"c{n}", wiring=wiring),))
            for n, wiring in enumerate(wirings)
        ),
    )
    plan = Plan.of(site)
    return plan, plan.headroom({"z": limit})


def shares(
    limit: float | PerPhase, caps: list[int], *, step: int = 10, wirings: list[Wiring] | None = None
) -> list[float]:
    per_phase = limit if isinstance(limit, PerPhase) else PerPhase.same(limit)
    plan, headroom = one_zone(per_phase, wirings or [Wiring.TRI123] * len(caps))
    claims = [
        Claim(connector=f"c{n}", floor=60, cap=cap * 10, step=step, rank=(n,))
        for n, cap in enumerate(caps)
    ]
    grants = allocate(plan, headroom, claims)
    return [grants[f"c{n}"].current / 10 for n in range(len(caps))]


@pytest.mark.parametrize(
    ("limit", "caps", "expected"),
    [
        (35, [32] * 4, [9, 9, 9, 8]),
        (29, [32] * 5, [8, 7, 7, 7, 0]),
        (120, [20, 32, 32, 32, 32], [20, 25, 25, 25, 25]),
        (5.9, [32], [0]),
        (6, [32], [6]),
        (64, [32, 32], [32, 32]),
        (100, [10, 40], [10, 40]),
    ],
)
def test_equal_shares(limit: float, caps: list[int], expected: list[float]) -> None:
    assert shares(limit, caps) == expected


def test_one_phase_cars_on_different_phases_do_not_share() -> None:
    wirings = [Wiring.MONO1, Wiring.MONO2, Wiring.MONO3]
    assert shares(16, [32, 32, 32], wirings=wirings) == [16, 16, 16]


def test_three_phase_car_is_bound_by_its_tightest_phase() -> None:
    assert shares(PerPhase(20, 9, 20), [32, 32], wirings=[Wiring.TRI123, Wiring.MONO1]) == [9, 11]


def test_grant_names_the_full_link() -> None:
    plan, headroom = one_zone(PerPhase(20, 9, 20), [Wiring.TRI123])
    grant = allocate(plan, headroom, [Claim(connector="c0", floor=60, cap=320)])["c0"]
    assert grant.bottleneck is not None
    assert (plan.links[grant.bottleneck].zone, plan.links[grant.bottleneck].phase) == ("z", 1)


def test_base_costs_nothing_and_stays() -> None:
    plan, headroom = one_zone(PerPhase.same(3), [Wiring.TRI123, Wiring.TRI123])
    claims = [
        Claim(connector="c0", floor=60, cap=320, base=100),
        Claim(connector="c1", floor=60, cap=320),
    ]
    grants = allocate(plan, headroom, claims)
    assert grants["c0"].current == 130
    assert grants["c1"].current == 0


@pytest.mark.parametrize("amperes", [0.1, 5.999, 6.0, 13.799999999999999, 31.95])
def test_rounding_is_safe(amperes: float) -> None:
    assert round_down(amperes) / 10 <= amperes + 1e-6
    assert round_up(amperes) / 10 >= amperes - 1e-6


# --- Properties -------------------------------------------------------------------------------

wirings = st.sampled_from(list(Wiring))


@st.composite
def instances(
    draw: st.DrawFn, step: int | None = None
) -> tuple[Site, dict[str, PerPhase], list[Claim]]:
    count = draw(st.integers(1, 8))
    root = PerPhase(*(draw(st.integers(0, 150)) for _ in PHASES))
    children = draw(st.integers(1, 3))
    zones = [Zone(id="root", limit=root)]
    for number in range(children):
        own = PerPhase(*(min(root[phase], draw(st.integers(0, 80))) for phase in PHASES))
        zones.append(Zone(id=f"z{number}", parent="root", limit=own))
    chargers, claims = [], []
    for number in range(count):
        zone = f"z{draw(st.integers(0, children - 1))}"
        connector = Connector(id=f"c{number}", wiring=draw(wirings), fallback=0.0)
        chargers.append(Charger(id=f"c{number}", zone=zone, connectors=(connector,)))
        floor = draw(st.sampled_from([60, 80, 140]))
        claims.append(
            Claim(
                connector=f"c{number}",
                floor=floor,
                cap=draw(st.integers(0, 400)),
                step=step or draw(st.sampled_from([1, 10])),
                rank=(draw(st.integers(0, 3)),),
            )
        )
    site = Site(zones=tuple(zones), chargers=tuple(chargers))
    return site, {zone.id: zone.limit for zone in zones}, claims


type Instance = tuple[Site, dict[str, PerPhase], list[Claim]]


def solve(instance: Instance) -> dict[str, int]:
    site, budgets, claims = instance
    plan = Plan.of(site)
    grants = allocate(plan, plan.headroom(budgets), claims)
    return {key: grant.current for key, grant in grants.items()}


def left_over(instance: Instance, result: dict[str, int]) -> list[int]:
    site, budgets, _ = instance
    plan = Plan.of(site)
    slack = plan.headroom(budgets)
    for connector, current in result.items():
        for link in plan.loads[connector]:
            slack[link] -= current
    return slack


@given(instances())
def test_limits_ranges_and_steps_hold(instance: Instance) -> None:
    result = solve(instance)
    assert min(left_over(instance, result)) >= 0
    for claim in instance[2]:
        current = result[claim.connector]
        assert current == 0 or claim.floor <= current <= claim.cap
        assert current % claim.step == 0


@given(instances())
def test_nothing_usable_is_left_over(instance: Instance) -> None:
    result = solve(instance)
    slack, plan = left_over(instance, result), Plan.of(instance[0])
    for claim in instance[2]:
        current = result[claim.connector]
        more = claim.step if current else claim.entry
        if current + more <= claim.cap:
            assert any(slack[link] < more for link in plan.loads[claim.connector])


@given(instances(step=1))
def test_shares_are_max_min_fair(instance: Instance) -> None:
    """Whoever could have more is held by a full link on which nobody has clearly more."""
    result = solve(instance)
    slack, plan = left_over(instance, result), Plan.of(instance[0])
    for claim in instance[2]:
        current = result[claim.connector]
        if not current or current + 1 > claim.cap:
            continue
        full = [link for link in plan.loads[claim.connector] if slack[link] < 1]
        assert any(
            all(
                result[other.connector] <= max(current + 1, other.entry)
                for other in instance[2]
                if link in plan.loads[other.connector]
            )
            for link in full
        )


@given(instances(), st.randoms(use_true_random=False))
def test_order_of_input_does_not_matter(instance: Instance, random) -> None:
    site, budgets, claims = instance
    shuffled = list(claims)
    random.shuffle(shuffled)
    assert solve((site, budgets, shuffled)) == solve(instance)


@given(instances())
def test_capping_at_the_result_changes_nothing(instance: Instance) -> None:
    site, budgets, claims = instance
    result = solve(instance)
    again = [replace(claim, cap=result[claim.connector]) for claim in claims]
    assert solve((site, budgets, again)) == result


@given(instances())
def test_removing_the_suspended_changes_nothing(instance: Instance) -> None:
    site, budgets, claims = instance
    result = solve(instance)
    served = [claim for claim in claims if result[claim.connector]]
    assert solve((site, budgets, served)) == {c.connector: result[c.connector] for c in served}


@given(instances(), st.integers(0, 7))
def test_first_in_rank_is_never_suspended_for_it(instance: Instance, index: int) -> None:
    site, budgets, claims = instance
    index %= len(claims)
    chosen = claims[index]
    served_before = solve(instance)[chosen.connector] > 0
    moved = [*claims[:index], replace(chosen, rank=(-1,)), *claims[index + 1 :]]
    assert not served_before or solve((site, budgets, moved))[chosen.connector] > 0


@given(instances(step=1), st.integers(0, 7), st.integers(0, 200))
def test_raising_ones_own_cap_never_costs(instance: Instance, index: int, more: int) -> None:
    site, budgets, claims = instance
    index %= len(claims)
    chosen = claims[index]
    raised = [*claims[:index], replace(chosen, cap=chosen.cap + more), *claims[index + 1 :]]
    before = solve(instance)[chosen.connector]
    if before:
        assert solve((site, budgets, raised))[chosen.connector] >= before


@given(instances())
def test_redundant_parent_changes_nothing(instance: Instance) -> None:
    site, budgets, claims = instance
    wide = Zone(id="above", limit=PerPhase.same(1000))
    zones = tuple(
        replace(zone, parent="above") if zone.parent is None else zone for zone in site.zones
    )
    larger = Site(zones=(wide, *zones), chargers=site.chargers)
    assert solve((larger, budgets | {"above": wide.limit}, claims)) == solve(instance)
