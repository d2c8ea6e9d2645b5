"""What is remembered of tests."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.headroom.chargers.base import ChargerInfo
from custom_components.headroom.chargers.proofs import Proofs

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
OLD = ChargerInfo(vendor="Acme", model="One", firmware="1.0")
NEW = ChargerInfo(vendor="Acme", model="One", firmware="1.1")


def held(proofs: Proofs, charger: str) -> bool | None:
    proof = proofs.of(charger)
    return None if proof is None else proof.held


@pytest.fixture
def proofs() -> Proofs:
    proofs = Proofs()
    for charger in ("a", "b"):
        proofs.meet(charger, OLD)
    return proofs


def test_nothing_is_known_at_first(proofs: Proofs) -> None:
    assert held(proofs, "a") is None


def test_one_speaks_for_its_kind(proofs: Proofs) -> None:
    proofs.note("a", held=True, at=NOON)
    assert (held(proofs, "a"), held(proofs, "b"), held(proofs, "c")) == (True, True, None)


def test_one_that_failed_outweighs_others_of_its_kind_but_not_their_own_test(
    proofs: Proofs,
) -> None:
    proofs.note("a", held=True, at=NOON)
    proofs.note("b", held=False, at=NOON)
    proofs.meet("c", OLD)
    assert (held(proofs, "a"), held(proofs, "b"), held(proofs, "c")) == (True, False, False)


def test_other_firmware_has_to_show_it_anew(proofs: Proofs) -> None:
    proofs.note("a", held=True, at=NOON)
    proofs.meet("a", NEW)
    assert (held(proofs, "a"), held(proofs, "b")) == (None, True)


def test_a_charger_that_does_not_say_what_it_is_speaks_for_itself(proofs: Proofs) -> None:
    proofs.meet("c", ChargerInfo(vendor="Acme"))
    proofs.note("c", held=True, at=NOON)
    assert (held(proofs, "c"), held(proofs, "a"), held(proofs, "d")) == (True, None, None)


def test_a_charger_that_has_not_spoken_since_a_restart_is_what_it_was(proofs: Proofs) -> None:
    proofs.note("a", held=True, at=NOON)
    restored = Proofs.from_json(json.loads(json.dumps(proofs.to_json())))
    restored.meet("b", ChargerInfo())
    assert (held(restored, "a"), held(restored, "b")) == (True, True)
    assert restored.of("a") == proofs.of("a")


def test_what_a_restart_has_shown_stands_beside_the_fallback(proofs: Proofs) -> None:
    proofs.note("a", held=True, at=NOON, starts_free=False)
    proofs.meet("c", NEW)
    assert [proofs.starts_free(charger) for charger in "abcd"] == [False, False, None, None]
    proofs.note("b", held=True, at=NOON, starts_free=True)
    assert [proofs.starts_free(charger) for charger in "ab"] == [False, True]
    proofs.meet("c", OLD)
    assert proofs.starts_free("c") is True, "one of its kind does"
    proofs.meet("a", NEW)
    assert proofs.starts_free("a") is None


def test_a_restart_that_shows_nothing_takes_nothing_back(proofs: Proofs) -> None:
    proofs.note("a", held=True, at=NOON, starts_free=True)
    proofs.note("a", held=True, at=NOON)
    assert proofs.starts_free("a") is True
    proofs.meet("a", NEW)
    proofs.note("a", held=True, at=NOON)
    assert proofs.starts_free("a") is None


@pytest.mark.parametrize("free", [True, False, None])
def test_what_a_restart_has_shown_outlives_one_of_ours(proofs: Proofs, free: bool | None) -> None:
    proofs.note("a", held=True, at=NOON, starts_free=free)
    restored = Proofs.from_json(json.loads(json.dumps(proofs.to_json())))
    assert restored.starts_free("a") is free


def test_a_proof_of_a_release_without_restarts_says_nothing_of_them(proofs: Proofs) -> None:
    proofs.note("a", held=True, at=NOON, starts_free=False)
    data = proofs.to_json()
    del data["proofs"]["a"]["starts_free"]
    restored = Proofs.from_json(data)
    assert (held(restored, "a"), restored.starts_free("a")) == (True, None)


def test_what_is_gone_is_forgotten(proofs: Proofs) -> None:
    proofs.note("a", held=True, at=NOON)
    proofs.forget_all_but({"b"})
    assert held(proofs, "b") is None


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"version": 2, "proofs": {}, "kinds": {}},
        {"version": 1, "proofs": [], "kinds": {}},
    ],
)
def test_other_data_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="proofs"):
        Proofs.from_json(data)


@pytest.mark.parametrize("wrong", [{}, {"held": True, "kind": None, "at": "noon"}], ids=str)
def test_a_proof_that_cannot_be_read_takes_no_other_with_it(
    proofs: Proofs, wrong: dict[str, Any]
) -> None:
    proofs.note("a", held=True, at=NOON)
    data = proofs.to_json()
    data["proofs"]["b"] = wrong
    assert Proofs.from_json(data).to_json()["proofs"].keys() == {"a"}
