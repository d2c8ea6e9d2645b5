"""Cars that take less than they are offered."""

from datetime import timedelta

import pytest

from custom_components.headroom.engine.cars.appetite import Appetite

from ..plant import START


def needs(*watched: tuple[float, float, float], step: float = 0.1) -> float | None:
    """Return what is enough after draws, each with its offer and its time in seconds."""
    appetite = Appetite()
    for drawn, offered, seconds in watched:
        appetite.watch(drawn, offered, step=step, at=START + timedelta(seconds=seconds))
    return appetite.needs


@pytest.mark.parametrize(("step", "enough"), [(0.1, pytest.approx(11.5)), (1.0, 12.0), (0.5, 11.5)])
def test_a_draw_that_stays_clearly_below_its_offer_is_enough(step: float, enough: float) -> None:
    assert needs((10, 16, 0), (10, 16, 20), step=step) == enough


@pytest.mark.parametrize(
    "watched",
    [
        [],
        [(10, 16, 0)],
        [(10, 16, 0), (10, 16, 19)],
        # Some tenths below.
        [(14.5, 16, 0), (14.5, 16, 60)],
        # Less only now and then.
        [(10, 16, 0), (15.5, 16, 15), (10, 16, 25)],
        [(10, 16, 0), (14.5, 16, 15), (10, 16, 25)],
        # The clock was set back.
        [(10, 16, 0), (10, 16, -300), (10, 16, -290)],
    ],
)
def test_until_that_is_sure_the_car_needs_all(watched: list[tuple[float, float, float]]) -> None:
    assert needs(*watched) is None


def test_a_car_that_draws_all_that_it_is_offered_asks_for_more() -> None:
    modest = [(10, 16, 0), (10, 16, 20)]
    assert needs(*modest, (10.4, 11.5, 40)) is not None
    assert needs(*modest, (10.5, 11.5, 40)) is None


def test_what_is_enough_follows_the_draw() -> None:
    modest = [(10, 16, 0), (10, 16, 20)]
    assert needs(*modest, (12, 16, 40)) == pytest.approx(13.5)
    assert needs(*modest, (8, 11.5, 40), (8, 11.5, 60)) == pytest.approx(9.5)


def test_forgetting() -> None:
    appetite = Appetite(needs=7.0)
    appetite.forget()
    assert appetite.needs is None
