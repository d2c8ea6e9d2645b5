"""Delays that begin anew when what they wait for goes away."""

from dataclasses import dataclass


@dataclass(slots=True)
class Delay:
    """How long something has been so."""

    seconds: float
    _since: float | None = None

    def passes(self, now: float, *, holds: bool) -> bool:
        """Return whether it has been so for long enough at a time in s."""
        if not holds:
            self._since = None
            return False
        self._since = now if self._since is None else self._since
        return now - self._since >= self.seconds

    def begin_anew(self) -> None:
        """Forget what has been."""
        self._since = None

    @property
    def runs(self) -> bool:
        """Return whether it has begun."""
        return self._since is not None
