"""Few reads, none larger than allowed."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.meters.blocks import Block, plan_blocks
from custom_components.headroom.meters.model_files import load_models
from custom_components.headroom.meters.models import (
    Kind,
    MeterModel,
    Quantity,
    Table,
)
from custom_components.headroom.modbus.registers import Format, Function

BASE = load_models()["klefr_693x"]
OWN = Table(Function.HOLDING)
INPUT = Table(Function.INPUT)


@st.composite
def _quantities(draw: st.DrawFn) -> tuple[Quantity, ...]:
    kinds = draw(st.sets(st.sampled_from(Kind))) | {Kind.CURRENTS}
    addresses = st.integers(0, 200)
    return tuple(
        Quantity(
            kind=kind,
            addresses=tuple(draw(addresses) for _ in range(3 if kind.is_per_phase else 1)),
            format=draw(st.sampled_from(Format)),
            optional=kind is not Kind.CURRENTS and draw(st.booleans()),
        )
        for kind in sorted(kinds)
    )


@st.composite
def _models(draw: st.DrawFn) -> MeterModel:
    return replace(
        BASE,
        quantities=draw(_quantities()),
        max_read=draw(st.integers(4, 125)),
        max_gap=draw(st.integers(0, 20)),
    )


@given(model=_models(), kinds=st.frozensets(st.sampled_from(Kind)))
def test_blocks_cover_what_is_wanted_within_the_limits(
    model: MeterModel, kinds: frozenset[Kind]
) -> None:
    blocks = plan_blocks(model, kinds)
    wanted = [quantity for quantity in model.quantities if quantity.kind in kinds]
    needed = {register for q in wanted for span in q.spans for register in span}
    for quantity in wanted:
        for span in quantity.spans:
            assert any(
                span.start in block.registers and span[-1] in block.registers
                for block in blocks
                if quantity.optional or not block.optional
            )
    for block in blocks:
        assert 0 < len(block.registers) <= model.max_read
        assert {block.registers[0], block.registers[-1]} <= needed
        gap = 0
        for register in block.registers:
            gap = 0 if register in needed else gap + 1
            assert gap <= model.max_gap


@given(model=_models())
def test_no_two_neighbours_could_be_one_read(model: MeterModel) -> None:
    blocks = [b for b in plan_blocks(model, frozenset(Kind)) if not b.optional]
    for left, right in pairwise(blocks):
        far = right.registers.start - left.registers.stop > model.max_gap
        long = right.registers.stop - left.registers.start > model.max_read
        spans = [s for q in model.quantities if not q.optional for s in q.spans]
        first = min((s for s in spans if s.start == right.registers.start), key=len)
        too_long_with_first = first.stop - left.registers.start > model.max_read
        assert far or (long and too_long_with_first)


def _model(max_gap: int, max_read: int = 125, *, optional: bool = False) -> MeterModel:
    return replace(
        BASE,
        max_gap=max_gap,
        max_read=max_read,
        quantities=(
            Quantity(kind=Kind.CURRENTS, addresses=(10, 12, 14), format=Format.FLOAT32),
            Quantity(kind=Kind.POWER, addresses=(20,), format=Format.FLOAT32, optional=optional),
        ),
    )


BOTH = frozenset({Kind.CURRENTS, Kind.POWER})


def test_reads_over_a_small_gap_only() -> None:
    assert plan_blocks(_model(4), BOTH) == (Block(OWN, range(10, 22)),)
    assert plan_blocks(_model(3), BOTH) == (Block(OWN, range(10, 16)), Block(OWN, range(20, 22)))
    assert plan_blocks(_model(0), BOTH) == (Block(OWN, range(10, 16)), Block(OWN, range(20, 22)))


def test_splits_what_is_too_long() -> None:
    assert plan_blocks(_model(4, 5), BOTH) == (
        Block(OWN, range(10, 14)),
        Block(OWN, range(14, 16)),
        Block(OWN, range(20, 22)),
    )


def test_optional_quantities_are_read_alone() -> None:
    assert plan_blocks(_model(4, optional=True), BOTH) == (
        Block(OWN, range(10, 16)),
        Block(OWN, range(20, 22), optional=True),
    )


def test_nothing_wanted_is_nothing_read() -> None:
    assert plan_blocks(_model(4), frozenset()) == ()
    assert plan_blocks(_model(4), frozenset({Kind.VOLTAGES})) == ()


def test_shipped_models_poll_with_few_reads() -> None:
    fast = frozenset({Kind.CURRENTS, Kind.POWERS, Kind.POWER})
    reads = {key: len(plan_blocks(model, fast)) for key, model in load_models().items()}
    assert max(reads.values()) <= 4
    assert reads["klefr_693x"] == reads["sunspec_meter"] == 1
    assert reads["schneider_iem3000"] == reads["schneider_pm5xxx"] == 2


def test_tables_are_read_apart() -> None:
    power = Quantity(kind=Kind.POWER, addresses=(16,), format=Format.FLOAT32, table=INPUT)
    model = replace(_model(4), quantities=(_model(4).quantities[0], power))
    assert plan_blocks(model, BOTH) == (Block(OWN, range(10, 16)), Block(INPUT, range(16, 18)))


def test_sunspec_answers_what_it_does_not_have() -> None:
    model = replace(_model(4, optional=True), sunspec=frozenset({203}))
    assert plan_blocks(model, BOTH) == (Block(OWN, range(10, 22)),)
