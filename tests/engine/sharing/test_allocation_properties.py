"""Sharing: what holds for every instance (I1 to I11, M1 and M2 of the allocator's reference)."""

from dataclasses import dataclass, replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.sharing.admission import Claim
from custom_components.headroom.engine.sharing.allocation import allocate
from custom_components.headroom.engine.sharing.plan import Plan
from custom_components.headroom.engine.site.model import Charger, Connector, SharingMode, Site, Zone

USED = [(0,), (1,), (2,), PHASES, PHASES, PHASES, (0, 1), (1, 2), (2, 0)]


@dataclass(frozen=True)
class Instance:
    """Limits and claims; the second budget limits unbalance."""

    site: Site
    budgets: dict[str, PerPhase]
    unbalance: dict[str, PerPhase]
    claims: list[Claim]

    def with_claims(self, claims: list[Claim]) -> Instance:
        return replace(self, claims=claims)

    def with_claim(self, index: int, **changes: object) -> Instance:
        claims = list(self.claims)
        claims[index] = replace(claims[index], **changes)  # type: ignore[arg-type]
        return self.with_claims(claims)


def per_phase(top: int) -> st.SearchStrategy[PerPhase]:
    return st.builds(PerPhase, *[st.integers(0, top)] * 3)


@st.composite
def instances(
    draw: st.DrawFn,
    steps: tuple[int, ...] = (1, 10),
    classes: int = 1,
    modes: tuple[SharingMode | None, ...] = (None,),
) -> Instance:
    mode = st.sampled_from(modes)
    share = st.sampled_from([0.0, 0.3, 0.5, 1.0])
    ample = PerPhase.same(1000)
    zones = [Zone(id="root", limit=ample, sharing=draw(mode), unbalance=1000, fifo_share=0.5)]
    for number in range(draw(st.integers(1, 4))):
        above = draw(st.sampled_from(["root", "root", *[f"z{n}" for n in range(number)]]))
        zones.append(
            Zone(
                id=f"z{number}",
                parent=above,
                limit=ample,
                sharing=draw(mode),
                fifo_share=draw(share),
                unbalance=draw(st.sampled_from([None, None, 1000])),
            )
        )
    leaves = [zone.id for zone in zones if zone.id not in {other.parent for other in zones}]
    budgets = {zone.id: draw(per_phase(80)) for zone in zones}
    budgets["root"] = draw(per_phase(150))
    claims = [draw(claim(number, steps, classes)) for number in range(draw(st.integers(1, 8)))]
    chargers = tuple(
        Charger(
            id=c.connector,
            zone=draw(st.sampled_from(leaves)),
            connectors=(Connector(id=c.connector, fallback=0.0),),
        )
        for c in claims
    )
    unbalance = {"root": draw(per_phase(60))} if draw(st.booleans()) else {}
    return Instance(Site(zones=tuple(zones), chargers=chargers), budgets, unbalance, claims)


def claim(number: int, steps: tuple[int, ...], classes: int) -> st.SearchStrategy[Claim]:
    return st.builds(
        Claim,
        connector=st.just(f"c{number}"),
        phases=st.sampled_from(USED),
        floor=st.sampled_from([60, 80, 140]),
        cap=st.integers(0, 400),
        step=st.sampled_from(steps),
        priority=st.integers(0, classes - 1),
        rank=st.tuples(st.integers(0, 3)),
        arrival=st.tuples(st.integers(0, 3)),
    )


def solve(instance: Instance) -> dict[str, int]:
    plan = Plan.of(instance.site)
    room = plan.headroom(instance.budgets, instance.unbalance)
    grants = allocate(plan, room, instance.claims)
    return {key: grant.current for key, grant in grants.items()}


def links(plan: Plan, claim: Claim) -> tuple[int, ...]:
    return plan.links_of(claim.connector, claim.phases)


def left_over(instance: Instance, result: dict[str, int]) -> list[int]:
    plan = Plan.of(instance.site)
    slack = plan.headroom(instance.budgets, instance.unbalance)
    for claim in instance.claims:
        for link in links(plan, claim):
            slack[link] -= result[claim.connector]
    return slack


ALL_MODES = (None, *SharingMode)
any_instance = instances(classes=3, modes=ALL_MODES)
indices = st.integers(0, 7)


@given(any_instance)
def test_limits_ranges_and_steps_hold(instance: Instance) -> None:
    """I1."""
    result = solve(instance)
    assert min(left_over(instance, result)) >= 0
    for claim in instance.claims:
        current = result[claim.connector]
        assert current == 0 or claim.floor <= current <= claim.cap
        assert current % claim.step == 0


@given(any_instance)
def test_nothing_usable_is_left_over(instance: Instance) -> None:
    """I2 and I3: nobody could take another step, nobody at 0 could start."""
    result = solve(instance)
    slack, plan = left_over(instance, result), Plan.of(instance.site)
    for claim in instance.claims:
        current = result[claim.connector]
        more = claim.step if current else claim.entry
        if current + more <= claim.cap:
            assert any(slack[link] < more for link in links(plan, claim))


@given(any_instance)
def test_bottlenecks_are_full(instance: Instance) -> None:
    plan = Plan.of(instance.site)
    room = plan.headroom(instance.budgets, instance.unbalance)
    grants = allocate(plan, room, instance.claims)
    slack = left_over(instance, solve(instance))
    for claim in instance.claims:
        grant = grants[claim.connector]
        if grant.bottleneck is None:
            assert grant.current + claim.step > claim.cap or claim.entry > claim.cap
        else:
            assert slack[grant.bottleneck] < (claim.step if grant.current else claim.entry)


@given(instances(steps=(1,)))
def test_shares_are_max_min_fair(instance: Instance) -> None:
    """I4: whoever could have more is held by a full link on which nobody has clearly more."""
    result = solve(instance)
    slack, plan = left_over(instance, result), Plan.of(instance.site)
    for claim in instance.claims:
        current = result[claim.connector]
        if not current or current + 1 > claim.cap:
            continue
        full = [link for link in links(plan, claim) if slack[link] < 1]
        assert any(
            all(
                result[other.connector] <= max(current + 1, other.entry)
                for other in instance.claims
                if link in links(plan, other)
            )
            for link in full
        )


@given(any_instance, st.integers(0, 1000))
def test_order_of_input_does_not_matter(instance: Instance, seed: int) -> None:
    """I5."""
    shuffled = list(instance.claims)
    Random(seed).shuffle(shuffled)
    assert solve(instance.with_claims(shuffled)) == solve(instance)


@given(any_instance, st.permutations(PHASES))
def test_names_of_phases_do_not_matter(instance: Instance, names: list[int]) -> None:
    """I6."""

    def renamed(budgets: dict[str, PerPhase]) -> dict[str, PerPhase]:
        return {
            zone: PerPhase(*(budget[names.index(phase)] for phase in PHASES))
            for zone, budget in budgets.items()
        }

    other = Instance(
        instance.site,
        renamed(instance.budgets),
        renamed(instance.unbalance),
        [
            replace(claim, phases=tuple(names[phase] for phase in claim.phases))
            for claim in instance.claims
        ],
    )
    assert solve(other) == solve(instance)


@given(any_instance)
def test_capping_at_the_result_changes_nothing(instance: Instance) -> None:
    """I7."""
    result = solve(instance)
    again = [replace(claim, cap=result[claim.connector]) for claim in instance.claims]
    assert solve(instance.with_claims(again)) == result


@given(any_instance)
def test_removing_the_suspended_changes_nothing(instance: Instance) -> None:
    """I8."""
    result = solve(instance)
    served = [claim for claim in instance.claims if result[claim.connector]]
    assert solve(instance.with_claims(served)) == {
        claim.connector: result[claim.connector] for claim in served
    }


@given(any_instance)
def test_a_class_does_not_notice_those_after_it(instance: Instance) -> None:
    """I9."""
    result = solve(instance)
    first = [claim for claim in instance.claims if claim.priority == 0]
    assert solve(instance.with_claims(first)) == {
        claim.connector: result[claim.connector] for claim in first
    }


@given(any_instance, indices)
def test_first_in_rank_is_never_suspended_for_it(instance: Instance, index: int) -> None:
    """I10."""
    index %= len(instance.claims)
    key = instance.claims[index].connector
    if solve(instance)[key]:
        assert solve(instance.with_claim(index, rank=(-1,)))[key]


@given(any_instance)
def test_redundant_parent_changes_nothing(instance: Instance) -> None:
    """I11."""
    root = next(zone for zone in instance.site.zones if zone.parent is None)
    wide = replace(root, id="above")
    zones = tuple(
        replace(zone, parent="above") if zone is root else zone for zone in instance.site.zones
    )
    larger = replace(
        instance,
        site=Site(zones=(wide, *zones), chargers=instance.site.chargers),
        budgets=instance.budgets | {"above": PerPhase.same(10_000)},
    )
    assert solve(larger) == solve(instance)


@given(instances(), indices, st.integers(0, 200))
def test_raising_ones_own_cap_never_costs(instance: Instance, index: int, more: int) -> None:
    """M1."""
    index %= len(instance.claims)
    chosen = instance.claims[index]
    before = solve(instance)[chosen.connector]
    if before:
        raised = instance.with_claim(index, cap=chosen.cap + more)
        assert solve(raised)[chosen.connector] >= before


@given(instances(), st.sampled_from(PHASES), st.integers(1, 40), indices)
def test_raising_a_limit_serves_who_comes_first(
    instance: Instance, phase: int, more: int, index: int
) -> None:
    """M2: in the order of rank, the set of those who charge gets no worse."""
    zone = sorted(instance.budgets)[index % len(instance.budgets)]
    raised = instance.budgets | {zone: instance.budgets[zone] + PerPhase.on((phase,), more)}
    queue = sorted(instance.claims, key=lambda claim: (claim.rank, claim.connector))
    before, after = solve(instance), solve(replace(instance, budgets=raised))
    assert [after[claim.connector] > 0 for claim in queue] >= [
        before[claim.connector] > 0 for claim in queue
    ]


@given(instances(modes=ALL_MODES), st.integers(0, 60))
def test_an_overdraft_is_never_exceeded(instance: Instance, deciamps: int) -> None:
    """Within a class nobody rises on an overdrawn link; an earlier class may have risen before."""
    plan = Plan.of(instance.site)
    room = plan.headroom(instance.budgets, instance.unbalance)
    holding = [replace(claim, holds=index % 2 == 0) for index, claim in enumerate(instance.claims)]
    grants = allocate(plan, room, holding, overdraft=[deciamps] * len(room))
    slack = left_over(instance, {key: grant.current for key, grant in grants.items()})
    assert min(slack) >= -deciamps
    for claim in holding:
        grant = grants[claim.connector]
        if any(slack[link] < 0 for link in links(plan, claim)):
            assert grant.current in {0, claim.entry}
        if not claim.holds and grant.current > claim.entry:
            assert min(slack[link] for link in links(plan, claim)) >= 0
