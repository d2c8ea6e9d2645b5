"""Sharing beside the exact optimum of stored instances; benchmarks/optimality.py solves them."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.instances import random_tree
from custom_components.headroom.engine.sharing.allocation import allocate

SOLVED = json.loads((Path(__file__).parents[1] / "vectors" / "allocation_optimum.json").read_text())


def shared(case: dict[str, Any]) -> tuple[dict[str, int], int]:
    """Return the shares and their sum over all phases."""
    instance = random_tree(case["size"], case["seed"])
    grants = allocate(instance.plan, instance.headroom, instance.claims)
    total = sum(len(c.phases) * grants[c.connector].current for c in instance.claims)
    return {key: grant.current for key, grant in grants.items()}, total


@pytest.mark.parametrize("case", SOLVED, ids=lambda case: f"{case['size']}-{case['seed']}")
def test_near_the_optimum(case: dict[str, Any]) -> None:
    shares, total = shared(case)
    assert sorted(key for key, current in shares.items() if not current) == case["suspended"]
    gaps = [abs(a - b) for a, b in zip(sorted(shares.values()), case["vector"], strict=True)]
    assert max(gaps) <= 10
    assert total >= 0.995 * case["phase_amperes"]


def test_mostly_the_optimum_itself() -> None:
    same = [sorted(shared(case)[0].values()) == case["vector"] for case in SOLVED]
    assert sum(same) >= 0.9 * len(SOLVED)
