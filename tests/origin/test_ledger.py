"""The accounts of a site's connectors."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.headroom.chargers.base import Session
from custom_components.headroom.origin.account import Draw
from custom_components.headroom.origin.ledger import OriginLedger
from custom_components.headroom.origin.mix import Mix
from custom_components.headroom.origin.parts import Rates

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def look(ledger: OriginLedger, second: int, **energies: float) -> bool:
    """Look at cars that charge from the sun; one whose mix is unknown is called dark."""
    draws = {
        key: Draw(session=Session(id="1", badge=None, started_at=NOON, energy=energy), power=3600.0)
        for key, energy in energies.items()
    }
    mixes = {key: Mix(solar=1.0) for key in energies if key != "dark"}
    return ledger.look(draws, mixes, Rates(), NOON + timedelta(seconds=second))


@pytest.fixture
def ledger() -> OriginLedger:
    """Return a ledger with two connectors that nobody has charged at."""
    ledger = OriginLedger()
    ledger.look({"left": Draw(), "dark": Draw()}, {}, Rates(), NOON)
    assert not look(ledger, 1, left=0.0, dark=0.0)
    return ledger


def test_connectors_are_counted_by_themselves(ledger: OriginLedger) -> None:
    assert look(ledger, 11, left=10.0, dark=20.0)
    assert not look(ledger, 12, left=10.0, dark=20.0)
    assert ledger.of("left").total.solar == pytest.approx(10)
    assert ledger.of("dark").total.assumed == pytest.approx(20)
    assert ledger.of("nobody").total.energy == 0
    assert ledger.total.energy == pytest.approx(30)


def test_the_total_keeps_what_is_gone(ledger: OriginLedger) -> None:
    look(ledger, 11, left=10.0, dark=20.0)
    ledger.forget_all_but({"left"})
    assert ledger.of("dark").total.energy == 0
    assert ledger.total.grid == pytest.approx(20)
    again = OriginLedger.from_json(json.loads(json.dumps(ledger.to_json())))
    assert again.total == ledger.total
    assert again.of("left").session == ledger.of("left").session


@pytest.mark.parametrize("bad", [None, {}, {"total": {"grid": -1}}, {"total": {"moon": 1}}])
def test_an_account_that_cannot_be_read_leaves_the_others_and_the_total(
    ledger: OriginLedger, bad: object, caplog: pytest.LogCaptureFixture
) -> None:
    look(ledger, 11, left=10.0, dark=20.0)
    stored = ledger.to_json()
    stored["connectors"]["dark"] = bad
    again = OriginLedger.from_json(stored)
    assert again.of("left").total == ledger.of("left").total
    assert again.of("dark").total.energy == 0
    assert again.total.energy == pytest.approx(30)
    assert caplog.text.count("Stored account of dark is not usable and starts anew") == 1


def test_a_store_that_knows_no_total_is_read(ledger: OriginLedger) -> None:
    look(ledger, 11, left=10.0, dark=20.0)
    ledger.forget_all_but({"left"})
    stored = ledger.to_json()
    del stored["total"]
    stored["departed"] = {"grid": 20.0, "assumed": 20.0}
    assert OriginLedger.from_json(stored).total.grid == pytest.approx(20)
