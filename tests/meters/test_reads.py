"""What the built-in models ask for, against what was published about the meters."""

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.meters.blocks import Block, plan_blocks
from custom_components.headroom.meters.model_files import load_models
from custom_components.headroom.meters.models import Kind, MeterModel
from custom_components.headroom.modbus.registers import Function

from .published import published

MODELS = st.sampled_from(sorted(load_models().values(), key=lambda model: model.id))
KINDS = st.frozensets(st.sampled_from(Kind))
CODES = {Function.HOLDING: 3, Function.INPUT: 4}


def _unpublished_runs(model: MeterModel, block: Block) -> list[tuple[int, ...]]:
    """Return the registers of a read that nothing was published about, neighbours together."""
    known = {
        address
        for row in published()[model.id]
        if (row.unit, row.function) == (block.table.unit, CODES[block.table.function])
        for address in row.registers(1.0)
    }
    runs = groupby(block.registers, known.__contains__)
    return [tuple(registers) for is_known, registers in runs if not is_known]


@given(model=MODELS, kinds=KINDS)
def test_no_read_is_longer_than_the_meter_answers(
    model: MeterModel, kinds: frozenset[Kind]
) -> None:
    assert all(len(block.registers) <= model.max_read for block in plan_blocks(model, kinds))


@given(model=MODELS, kinds=KINDS)
def test_what_was_not_published_is_read_over_only_where_the_model_allows_it(
    model: MeterModel, kinds: frozenset[Kind]
) -> None:
    for block in plan_blocks(model, kinds):
        for run in _unpublished_runs(model, block):
            assert len(run) <= model.max_gap
            assert block.registers[0] < run[0]
            assert run[-1] < block.registers[-1]
