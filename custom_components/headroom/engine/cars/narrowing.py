"""One phase in place of three, remembered for one connector."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from ..memory.stored import read_object

_NOTHING = timedelta()


@dataclass(slots=True, kw_only=True)
class Narrowing:
    """Whether automatic switching keeps a car on one phase because three would not fit."""

    narrow: bool = False

    # Forgotten at a restart:
    changes_at: datetime | None = None
    """When it changes if all stays as it is."""
    _gathered: timedelta = _NOTHING

    def forget(self) -> None:
        """Begin anew with another car."""
        self.narrow = False
        self.pause()

    def pause(self) -> None:
        """Begin anew with the time that a change takes."""
        self.changes_at, self._gathered = None, _NOTHING

    def gather(self, now: datetime, elapsed: timedelta, most: timedelta) -> bool:
        """Let time pass in which a change would be right; change once that was so for `most`.

        Return whether it has changed.
        """
        self._gathered += elapsed
        self.changes_at = now + most - self._gathered
        if self._gathered < most:
            return False
        self.narrow = not self.narrow
        self.pause()
        return True

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {"narrow": self.narrow}

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Return the stored memory. Raises ValueError if it is not one."""
        return cls(narrow=read_object(value).get("narrow") is True)
