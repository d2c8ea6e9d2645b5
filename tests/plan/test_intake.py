"""What cars are seen to take."""

import pytest

from custom_components.headroom.plan.intake import Intake


def seen(*draws: tuple[float, bool], usual: float | None = None) -> Intake:
    """Return what is known after draws, of which some left a part of what was offered."""
    intake = Intake(most=usual, usual=usual)
    for drawn, leaves_some in draws:
        intake.watch(drawn, leaves_some=leaves_some)
    return intake


@pytest.mark.parametrize(
    ("intake", "now", "usually"),
    [
        (seen((10, True)), 10, 10),
        (seen((16, False)), None, None),
        (seen((16, False), (9, True), (7, True)), 7, None),
        (seen((16, True), (9, True)), 9, 16),
        (seen((10, True), (8, False)), 10, 10),
        (seen((10, True), (14, False)), None, None),
        (seen(usual=10), 10, 10),
        (seen((8, False), usual=10), 10, 10),
        (seen((12, False), usual=10), None, None),
    ],
    ids=[
        "less than offered",
        "all that is offered",
        "nearly full, offered little before",
        "nearly full, offered enough before",
        "offered less later",
        "takes more later",
        "another visit without charging",
        "another visit with little on offer",
        "another car that takes more",
    ],
)
def test_what_a_car_takes_and_what_is_kept_of_it(
    intake: Intake, now: float | None, usually: float | None
) -> None:
    assert intake.most == now
    intake.part()
    assert (intake.most, intake.usual) == (usually, usually)


def test_it_survives_a_restart() -> None:
    intake = seen((16, True), (9, True))
    intake.phases = frozenset({1})
    again = Intake.from_json(intake.to_json())
    assert again == intake
    again.part()
    assert again.most == 16
    assert Intake.from_json(Intake().to_json()) == Intake()
