"""Transaction ids and what survives a restart."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.headroom.chargers.ocpp.transactions import Transaction, TransactionLedger

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def begin(ledger: TransactionLedger, connector: int = 1, **fields: Any) -> Transaction:
    defaults: dict[str, Any] = {
        "badge": "A1",
        "meter_start": 100.0,
        "started_at": NOON,
        "timestamp": "2026-07-01T12:00:00Z",
    }
    return ledger.begin(fields.pop("station", "CP1"), connector, **defaults | fields)


def number(transaction: Transaction) -> int:
    assert isinstance(transaction.id, int)
    return transaction.id


def test_ids_are_unique_positive_and_growing() -> None:
    ledger = TransactionLedger()
    ids = [number(begin(ledger, connector)) for connector in range(1, 6)]
    assert ids == sorted(set(ids))
    assert ids[0] > 0


def test_ids_stay_within_31_bits_and_pass_over_open_ones() -> None:
    highest = 2**31 - 1
    ledger = TransactionLedger(next_id=highest)
    assert begin(ledger, 1).id == highest
    assert begin(ledger, 2).id == 1
    again = TransactionLedger(next_id=highest, transactions=[begin(TransactionLedger(), 3)])
    assert begin(again, 4).id == highest
    assert begin(again, 5).id == 2


def test_the_same_start_gives_the_same_transaction() -> None:
    ledger = TransactionLedger()
    first = begin(ledger)
    assert begin(ledger, started_at=datetime(2026, 7, 2, tzinfo=UTC)) == first


@pytest.mark.parametrize("other", [{"badge": "B2"}, {"meter_start": 5.0}, {"timestamp": None}])
def test_another_start_closes_the_one_before(other: dict[str, Any]) -> None:
    ledger = TransactionLedger()
    first = begin(ledger)
    second = begin(ledger, **other)
    assert number(second) > number(first)
    assert ledger.of_connector("CP1", 1) == second
    assert ledger.of_station("CP1", first.id) is None


def test_only_the_own_station_can_end_a_transaction() -> None:
    ledger = TransactionLedger()
    transaction = begin(ledger)
    assert ledger.end("CP2", transaction.id) is None
    assert ledger.end("CP1", transaction.id) == transaction
    assert ledger.end("CP1", transaction.id) is None


def test_stations_may_make_up_the_same_id() -> None:
    ledger = TransactionLedger()
    here = begin(ledger, 1, transaction_id="1")
    there = begin(ledger, 1, station="CP2", transaction_id="1")
    restored = TransactionLedger.from_json(json.loads(json.dumps(ledger.to_json())))
    assert restored.end("CP1", "1") == here
    assert restored.of_station("CP2", "1") == there
    assert begin(restored, 2).id == 1


def adopt(ledger: TransactionLedger, transaction_id: int | str) -> Transaction | None:
    return ledger.follow("CP1", 1, transaction_id, badge=None, meter_start=5.0, started_at=NOON)


def test_unheard_of_transactions_are_adopted_and_their_ids_are_not_given_out() -> None:
    ledger = TransactionLedger()
    adopted = adopt(ledger, 41)
    assert adopted is not None
    assert adopted.id == 41
    assert begin(ledger, 2).id == 42


def test_a_charger_cannot_make_the_ids_begin_anew() -> None:
    ledger = TransactionLedger(next_id=7)
    for foreign in (2**31 - 1, 2**31 - 2, 2**30):
        assert adopt(ledger, foreign) is not None
        ledger.end("CP1", foreign)
        assert adopt(ledger, foreign) is None, "it has ended"
    assert begin(ledger, 2).id == 7
    assert adopt(ledger, 6) is None, "it was given out before"


def test_ends_of_unknown_numbers_are_not_remembered() -> None:
    ledger = TransactionLedger()
    ledger.end("CP1", 7)
    assert adopt(ledger, 7) is not None


@pytest.mark.parametrize(
    ("told_at", "displaces"),
    [
        (NOON - timedelta(seconds=1), False),
        (NOON, False),
        (NOON + timedelta(seconds=1), True),
        (datetime(1970, 1, 1, tzinfo=UTC), True),
        (None, True),
    ],
)
def test_an_older_transaction_does_not_displace_the_running_one(
    told_at: datetime | None, *, displaces: bool
) -> None:
    ledger = TransactionLedger()
    # The charger's clock is an hour fast.
    started_at = NOON - timedelta(hours=1)
    running = begin(ledger, transaction_id="new", started_at=started_at, timestamp=NOON.isoformat())
    ledger.follow(
        "CP1", 1, "old", badge=None, meter_start=None, started_at=started_at, told_at=told_at
    )
    assert (ledger.of_connector("CP1", 1) != running) is displaces


@pytest.mark.parametrize("transaction_id", [0, -1, 1, 2**31])
def test_ended_and_impossible_transactions_are_not_adopted(transaction_id: int) -> None:
    ledger = TransactionLedger()
    ledger.end("CP1", begin(ledger).id)
    assert adopt(ledger, transaction_id) is None


def test_a_text_that_has_ended_is_not_opened_again() -> None:
    ledger = TransactionLedger()
    begin(ledger, transaction_id="T1")
    begin(ledger, transaction_id="T2")
    ledger.end("CP1", "T2")
    for name in ("T1", "T2"):
        assert adopt(ledger, name) is None
        assert begin(ledger, transaction_id=name).id == name
        assert ledger.of_station("CP1", name) is None
    assert adopt(ledger, "T3") is not None


def test_who_was_displaced_unheard_may_come_back() -> None:
    ledger = TransactionLedger()
    running = begin(ledger, transaction_id="T1")
    adopt(ledger, "T0")
    adopt(ledger, "T1")
    assert ledger.of_connector("CP1", 1) != running
    assert ledger.of_station("CP1", "T0") is None


@pytest.mark.parametrize(("minutes", "is_open"), [(2, False), (1, True), (0, True)])
def test_a_start_that_is_told_late_displaces_nobody(minutes: int, *, is_open: bool) -> None:
    ledger = TransactionLedger()
    begin(ledger, transaction_id="T2")
    begin(ledger, transaction_id="T1", started_at=NOON - timedelta(minutes=minutes))
    assert (ledger.of_station("CP1", "T1") is not None) is is_open


def test_one_station_cannot_fill_the_ledger() -> None:
    ledger = TransactionLedger()
    other = begin(ledger, station="CP2")
    begun = [begin(ledger, connector) for connector in range(200)]
    begun += [begin(ledger, connector, transaction_id=f"T{connector}") for connector in range(200)]
    assert len(ledger.to_json()["open"]) == 65
    assert ledger.of_station("CP1", begun[-1].id) == begun[-1]
    assert ledger.of_station("CP1", begun[0].id) is None
    assert ledger.of_station("CP2", other.id) == other


def test_not_every_end_is_remembered_for_ever() -> None:
    ledger = TransactionLedger()
    for name in range(2000):
        ledger.end("CP1", f"T{name}")
    assert adopt(ledger, "T1999") is None
    assert adopt(ledger, "T0") is not None


def test_what_was_not_known_is_filled_in_once() -> None:
    ledger = TransactionLedger()
    begin(ledger, transaction_id="T1", badge=None, meter_start=None)
    for badge, meter_start in (("A1", 5.0), ("B2", 9.0)):
        known = ledger.follow("CP1", 1, "T1", badge=badge, meter_start=meter_start, started_at=NOON)
        assert known is not None
        assert (known.badge, known.meter_start) == ("A1", 5.0)


def test_it_survives_a_restart() -> None:
    ledger = TransactionLedger()
    first, second = begin(ledger, 1), begin(ledger, 2, badge=None)
    ledger.end("CP1", first.id)
    restored = TransactionLedger.from_json(json.loads(json.dumps(ledger.to_json())))
    assert restored.of_connector("CP1", 2) == second
    assert restored.of_connector("CP1", 1) is None
    assert begin(restored, 3).id == number(second) + 1


@pytest.mark.parametrize(
    "data",
    [{}, {"next_id": 0, "open": []}, {"next_id": 1, "open": [{}]}, {"next_id": 1, "open": 7}],
)
def test_other_data_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="transaction"):
        TransactionLedger.from_json(data)
