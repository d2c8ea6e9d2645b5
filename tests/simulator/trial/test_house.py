"""Loads are laid out in advance, by chance that can be repeated."""

from array import array
from random import Random

import pytest

from simulator.trial.house import Appliance, House, Use, add_load, dilated, heat_pump, oven
from simulator.trial.scenarios import SCENARIOS
from simulator.trial.world import draw_fate


def course_of(*appliances: Appliance, seed: int = 1, seconds: float = 3600) -> list[float]:
    house = House(base=(0, 0, 0), noise=0, drift=0, appliances=appliances)
    return list(house.course(Random(seed), seconds)[0])


def test_the_same_seed_gives_the_same_course_and_another_one_another() -> None:
    assert course_of(oven(0), seed=3) == course_of(oven(0), seed=3)
    assert course_of(oven(0), seed=3) != course_of(oven(0), seed=4)


@pytest.mark.parametrize(
    ("scenario", "sums"),
    [
        ("A", (300941.8716806792, 124034.50859085564, 128700.09471113497)),
        ("B", (329088.42206293077, 2482.423644013538, 3723.0985744236536)),
        ("E", (310697.09403982986, 367517.94049774314, 299160.310145595)),
    ],
)
def test_published_figures_stay_comparable_as_a_seed_keeps_its_course(
    scenario: str, sums: tuple[float, float, float]
) -> None:
    house = draw_fate(SCENARIOS[scenario], 7, 1800).house
    assert [sum(phase) for phase in house] == pytest.approx(sums, rel=1e-12)


def test_uses_are_all_that_there_is_beside_the_base() -> None:
    appliances = (oven(2, uses_per_hour=1), heat_pump((0, 1, 2)))
    house = House(base=(0, 0, 0), noise=0, drift=0, appliances=appliances)
    course, uses = house.course_and_uses(Random(1), 7200)
    rebuilt = (array("d", [0] * 72000), array("d", [0] * 72000), array("d", [0] * 72000))
    for use in uses:
        use.add_to(rebuilt)
    assert rebuilt == course == house.course(Random(1), 7200)
    assert {use.phases for use in uses} == {(2,), (0, 1, 2)}
    assert min(use.begin for use in uses if 0 in use.phases) == next(
        tick for tick, current in enumerate(course[0]) if current
    )


def test_a_use_begins_when_it_first_heats() -> None:
    use = Use(phases=(1,), current=9, heats=((2.5, 4), (6, 7)))
    course = (array("d", [1] * 80), array("d", [1] * 80), array("d", [1] * 80))
    use.add_to(course)
    assert use.begin == 25
    assert list(course[1]) == [1] * 25 + [10] * 15 + [1] * 20 + [10] * 10 + [1] * 10
    assert set(course[0]) == set(course[2]) == {1}


def test_the_base_stays_near_its_value_and_never_exports() -> None:
    house = House(base=(5, 0.1, 0), noise=0.2, drift=0.5)
    one, two, three = house.course(Random(1), 600.5)
    assert len(one) == len(two) == len(three) == 6005
    assert sum(one) / len(one) == pytest.approx(5, abs=0.6)
    assert min(*two, *three) >= 0


def test_a_thermostat_rests_within_a_use() -> None:
    appliance = Appliance(
        phases=(0,),
        current=(10, 10),
        uses_per_hour=1,
        lasts=(600, 600),
        on=(60, 60),
        off=(30, 30),
    )
    course = course_of(appliance)
    first = course.index(10)
    assert course[first : first + 600] == [10] * 600
    assert course[first + 600 : first + 900] == [0] * 300
    assert course[first + 900] == 10


def test_an_appliance_draws_on_its_own_phases_only() -> None:
    house = House(base=(0, 0, 0), noise=0, drift=0, appliances=(oven(2, uses_per_hour=1),))
    one, two, three = house.course(Random(1), 7200)
    assert max(one) == max(two) == 0
    assert max(three) > 8


def test_a_motor_takes_more_for_its_first_moments() -> None:
    course = array("d", [1.0] * 20)
    add_load(course, 0.5, 1.5, 4, inrush=2.5)
    assert list(course) == [1.0] * 5 + [11.0] * 3 + [5.0] * 7 + [1.0] * 5


def test_a_load_that_outlives_the_course_is_cut_off() -> None:
    course = array("d", [0.0] * 10)
    add_load(course, 0.8, 99, 4)
    assert list(course) == [0.0] * 8 + [4.0] * 2


def test_dilation_stretches_every_load_on_both_sides() -> None:
    course = array("d", [0, 0, 0, 5, 0, 0, 0, 0, 2, 0])
    flat = array("d", [1] * 10)
    stretched = dilated((course, flat, flat), 0.2)
    assert list(stretched[0]) == [0, 5, 5, 5, 5, 5, 2, 2, 2, 2]
    assert list(stretched[1]) == list(flat)
