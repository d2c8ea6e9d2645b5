"""Nights and days made by chance, for which plans are measured."""

import math
from datetime import UTC, datetime, timedelta
from random import Random

from custom_components.headroom.planner.model import (
    HOUR,
    QUARTER,
    Car,
    Limit,
    Milestone,
    Quarter,
    Task,
)

START = datetime(2026, 3, 1, 16, tzinfo=UTC)
QUARTERS = 96
VOLTAGE = 230
DAY = (8, 7.5, 7, 7, 7.5, 9, 12, 15, 14, 11, 9, 6, 4, 3, 4, 7, 11, 16, 20, 19, 15, 12, 10, 9)
"""Shape of a day-ahead price by hour, in cents."""
FEED_IN = 0.07
DEADLINES = (10, 14, 14.5, 15, 15, 16, 24)
"""Hours from the start."""
CROWDING = (0.9, 0.75, 0.5, 0.2)
"""Which part of a board's limit the cars need in the mean of the night."""


def instance(size: int, seed: int) -> Task:
    """Return cars behind a main board and one board for every five of them, phase by phase."""
    random = Random(f"night {size} {seed}")
    quarters = _quarters(random, size)
    boards = [f"board{number}" for number in range(max(1, size // 5))]
    cars = tuple(_car(random, str(number), random.choice(boards)) for number in range(size))
    crowding = random.choice(CROWDING)
    limits = tuple(
        _limit(random, f"{zone}/{phase}", cars, crowding)
        for zone in ("main", *boards)
        for phase in range(3)
    )
    return Task(quarters=quarters, limits=limits, cars=cars)


def _quarters(random: Random, size: int) -> tuple[Quarter, ...]:
    level, spread, sky = random.uniform(0.6, 1.6), random.uniform(0.5, 1.6), random.uniform(0, 1)
    too_much_sun = 0.22 if random.random() < 0.3 else 0.0
    panels = random.choice((0, 6000, 9000, 12000))
    peak = 9000.0 + 750 * size if random.random() < 0.3 else None
    found = []
    for number in range(QUARTERS):
        start = START + number * QUARTER
        cents = 10 + (DAY[start.hour] - 10) * spread + random.gauss(0, 0.8)
        price = 0.15 + cents * level / 100 - (too_much_sun if 10 <= start.hour < 15 else 0)
        height = math.sin((start.hour + start.minute / 60 - 6) / 12 * math.pi)
        sun = max(0.0, height) * panels * sky * random.uniform(0.6, 1)
        found.append(
            Quarter(
                start=start,
                end=start + QUARTER,
                price=round(price, 4),
                export_value=FEED_IN,
                surplus=max(0.0, sun - 700),
                peak=peak,
                peak_penalty=0.25,
            )
        )
    return tuple(found)


def _car(random: Random, name: str, board: str) -> Car:
    phases = random.choice(([0], [1], [2], [0, 1, 2], [0, 1, 2], [0, 1, 2]))
    most = random.choice((16, 16, 32)) * VOLTAGE * len(phases)
    hours = random.choice(DEADLINES)
    energy = min(random.uniform(4_000, 60_000), 0.8 * most * hours)
    goal = Milestone(by=START + hours * HOUR, energy=energy)
    early = Milestone(by=START + timedelta(hours=5), energy=energy / 5)
    return Car(
        id=name,
        milestones=(early, goal) if random.random() < 0.2 else (goal,),
        floor=random.choice((6, 6, 6, 8)) * VOLTAGE * len(phases),
        most=most,
        shares={f"{zone}/{p}": 1 / len(phases) for zone in ("main", board) for p in phases},
        efficiency=random.choice((1.0, 0.9)),
    )


def _limit(random: Random, key: str, cars: tuple[Car, ...], crowding: float) -> Limit:
    """Return a limit that other loads make smaller in the evening, never below a floor."""
    through = [(car, car.shares.get(key, 0.0)) for car in cars]
    mean = sum(car.milestones[-1].energy * share for car, share in through) / 13
    least = max(car.floor * share for car, share in through)
    whole = max(1.05 * least, mean / crowding)
    return Limit(
        id=key,
        power=tuple(
            max(least, whole * (1 - (random.uniform(0, 0.15) if number < 36 else 0)))
            for number in range(QUARTERS)
        ),
    )
