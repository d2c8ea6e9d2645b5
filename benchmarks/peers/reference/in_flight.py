"""What a charger may be offering while commands are on their way."""

from collections import deque
from math import inf
from typing import Final

_KEPT: Final = 60.0
"""s"""


class Sent:
    """Setpoints of one charger, in A, by the s at which they were sent."""

    def __init__(self) -> None:
        self._sent = deque([(-inf, 0.0)])

    def note(self, now: float, setpoint: float) -> None:
        """Remember what is sent now."""
        if setpoint != self._sent[-1][1]:
            self._sent.append((now, setpoint))
        while len(self._sent) > 1 and self._sent[1][0] <= now - _KEPT:
            self._sent.popleft()

    def hull(self, since: float, until: float = inf) -> tuple[float, float]:
        """Return the lowest and the highest setpoint in force between two times."""
        low, high = inf, 0.0
        for at, setpoint in reversed(self._sent):
            if at > until:
                continue
            low, high = min(low, setpoint), max(high, setpoint)
            if at <= since:
                break
        return low, high
