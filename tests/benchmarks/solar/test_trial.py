"""Whole weeks: repeatable, and a line for each rule in the end."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from benchmarks.solar import __main__ as command
from benchmarks.solar.diary import Diary
from benchmarks.solar.sky import Weather
from benchmarks.solar.tally import Energies
from benchmarks.solar.trial import Outcome, Task, joined, run
from custom_components.headroom.engine.when.permit import SunMode

OVERCAST = Task(
    household="commuter",
    mode=SunMode.SUN_ONLY,
    rules=("evcc-like", "openwb-like"),
    begin=date(2025, 7, 7),
    seed=1,
    weather=Weather.OVERCAST,
)


def outcome(rule: str, **numbers: float) -> Outcome:
    counts = {"stops": [1, 2], "switches": [0, 3, 0, 0, 0, 0, 0], "setpoints": 30, "plugged": 60.0}
    given = {"weeks": 1, "usable": 50.0, "sun": 100.0, "used": 60.0, **counts, **numbers}
    return Outcome(rule=rule, energies=Energies(solar=45.0, grid=7.0), **given)  # type: ignore[arg-type] # numbers of all kinds


def test_a_week_is_the_same_again_and_its_numbers_fit_together() -> None:
    outcomes = run(OVERCAST)
    assert outcomes == run(OVERCAST)
    for one in outcomes:
        assert 0 < one.best <= one.usable
        assert one.best <= one.holding
        assert one.energies.solar <= one.used <= one.sun
        assert one.energies.late <= one.energies.grid
        assert len(one.switches) == 7
        assert 0 < one.plugged <= 7 * 24


def test_in_a_hybrid_mode_there_is_no_clairvoyant_with_budgets() -> None:
    (one,) = run(replace(OVERCAST, mode=SunMode.SUN_HYBRID, rules=("evcc-like",)))
    assert one.best == one.holding == 0
    assert one.energies.grid > one.energies.solar > 0


def test_weeks_of_a_rule_are_joined() -> None:
    sums = joined([outcome("a"), outcome("b"), outcome("a", weeks=2)])
    assert list(sums) == ["a", "b"]
    assert sums["a"].weeks == 3
    assert sums["a"].energies.solar == 90
    assert sums["a"].stops == [1, 2, 1, 2]
    assert sums["a"].yearly(3 * 7) == pytest.approx(365)


def test_a_row_has_a_cell_per_column(capsys: pytest.CaptureFixture[str]) -> None:
    command.print_table("title", [outcome("a"), outcome("b", best=50.0, holding=60.0)])
    lines = capsys.readouterr().out.strip().splitlines()
    assert lines[0] == "**title**"
    assert all(line.count("|") == lines[2].count("|") for line in lines[2:])
    assert lines[4].startswith("| a | 2346 | - | - | 90.0 | 365 | 0.0 | 60.0 |")
    assert lines[5].startswith("| b | 2346 | 90.0 | 75.0 | 90.0 |")


def test_the_command_line_prints_a_table_of_what_it_was_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = "--days 7 --seed 3 --mode sun_only --household commuter --rule evcc-like --jobs 1"
    command.main([*words.split(), "--weather", "overcast"])
    out = capsys.readouterr().out
    assert "**commuter, sun_only**" in out
    assert out.count("\n| evcc-like |") == 1


def test_a_run_that_was_stopped_goes_on_by_its_diary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived: list[tuple[str, ...]] = []

    def live_through(task: Task) -> list[Outcome]:
        lived.append(task.rules)
        return [outcome(rule, starts=3) for rule in task.rules]

    monkeypatch.setattr(command, "run", live_through)
    path = tmp_path / "weeks"
    later = replace(OVERCAST, begin=date(2025, 7, 14))
    tasks = [replace(OVERCAST, rules=("a",)), replace(later, rules=("a", "b"))]
    first = list(command.live_through(tasks[:1], Diary(path), 1))
    assert first == [outcome("a", starts=3)]
    both = replace(OVERCAST, rules=("a", "b"))
    again = list(command.live_through([both, tasks[1]], Diary(path), 1))
    assert again == [outcome(rule, starts=3) for rule in ("a", "b", "a", "b")]
    assert lived == [("a",), ("b",), ("a", "b")]
    assert list(command.live_through([both], Diary(path), 1)) == again[:2]
    assert len(lived) == 3


def test_without_a_file_a_diary_knows_what_it_was_told() -> None:
    diary = Diary(None)
    diary.note(OVERCAST, [outcome(rule) for rule in OVERCAST.rules])
    assert not diary.missing(OVERCAST).rules
    assert diary.missing(replace(OVERCAST, weather=None)).rules == OVERCAST.rules
