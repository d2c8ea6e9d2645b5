"""What weeks came to, kept in a file so that a run that was stopped goes on where it was."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

from .tally import Energies
from .trial import Outcome, Task


class Diary:
    """Knows the outcome of each rule in each week; what it is told is in the file at once."""

    def __init__(self, path: Path | None) -> None:
        """Begin with what a file holds, if there is one; without a path nothing is kept."""
        self._path = path
        self._known = dict(_entries(path)) if path is not None and path.exists() else {}

    def missing(self, task: Task) -> Task:
        """Return the task with those rules that have not lived through it yet."""
        rules = tuple(rule for rule in task.rules if _key(task, rule) not in self._known)
        return replace(task, rules=rules)

    def note(self, task: Task, outcomes: Iterable[Outcome]) -> None:
        """Keep what a week came to."""
        new = {_key(task, outcome.rule): outcome for outcome in outcomes}
        self._known |= new
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.writelines(f"{json.dumps([key, asdict(one)])}\n" for key, one in new.items())

    def outcomes(self, task: Task) -> list[Outcome]:
        """Return what a week came to with each rule."""
        return [self._known[_key(task, rule)] for rule in task.rules]


def _key(task: Task, rule: str) -> str:
    weather = "any" if task.weather is None else task.weather.name
    return f"{task.household} {task.mode} {weather} {task.seed} {task.begin} {rule}"


def _entries(path: Path) -> Iterator[tuple[str, Outcome]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        key, values = json.loads(line)
        yield key, Outcome(**{**values, "energies": Energies(**values["energies"])})
