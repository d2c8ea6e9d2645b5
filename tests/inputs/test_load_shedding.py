"""Load shedding that is ordered: what counts, until when, and what a restart leaves of it."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.headroom.engine.inputs import Ask
from custom_components.headroom.inputs.load_shedding import LoadShedding, ShedOrder, lowest

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=15)
USUAL = 8.0


@pytest.mark.parametrize(
    ("shedding", "asks"),
    [
        (LoadShedding(), []),
        (LoadShedding(switched_on=True), [Ask(8.0)]),
        (LoadShedding(order=ShedOrder()), [Ask(8.0)]),
        (LoadShedding(order=ShedOrder(current=0)), [Ask(0.0)]),
        (LoadShedding(order=ShedOrder(current=6, until=LATER)), [Ask(6.0, until=LATER)]),
        (LoadShedding(order=ShedOrder(until=NOW)), []),
        (
            LoadShedding(switched_on=True, order=ShedOrder(current=10, until=LATER)),
            [Ask(8.0), Ask(10.0, until=LATER)],
        ),
    ],
)
def test_what_is_asked_for(shedding: LoadShedding, asks: list[Ask]) -> None:
    assert list(shedding.asks(USUAL, NOW)) == asks
    assert shedding.is_ordered(NOW) is bool(asks)
    assert LoadShedding.from_json(shedding.to_json()) == shedding


def test_an_order_ends_by_itself_and_all_of_it_by_hand() -> None:
    shedding = LoadShedding(switched_on=True, order=ShedOrder(current=6, until=LATER))
    assert list(shedding.asks(USUAL, LATER)) == [Ask(8.0)]
    shedding.end()
    assert shedding == LoadShedding()


@pytest.mark.parametrize(
    ("asks", "least"),
    [
        ([], None),
        ([None, None], None),
        ([None, Ask(8.0)], Ask(8.0)),
        ([Ask(8.0), Ask(6.0, until=LATER)], Ask(6.0, until=LATER)),
        ([Ask(8.0, until=LATER), Ask(8.0)], Ask(8.0)),
        ([Ask(8.0, silent=True), Ask(8.0)], Ask(8.0)),
    ],
)
def test_the_lowest_current_counts(asks: list[Ask | None], least: Ask | None) -> None:
    assert lowest(asks) == least


@pytest.mark.parametrize(
    "stored",
    [{}, {"switched_on": True, "order": {}}, {"switched_on": True, "order": None}],
    ids=str,
)
def test_what_is_damaged_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError)):
        LoadShedding.from_json(stored)
