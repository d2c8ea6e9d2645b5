"""What a car is seen to need of what it is offered (A3.7).

A car that draws clearly less than its setpoint leaves the rest to others, and gets it back as soon
as it draws all that it is offered. It never gets less than it draws and a little more, so that its
asking can be seen.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..site.grid import up_to_step

CLEARLY_LESS: Final = 1.6
"""A below its setpoint from which a car leaves something over; many draw some tenths less."""
ASKING: Final = 1.0
"""A below its setpoint at which a car draws all that it is offered."""
ROOM_TO_ASK: Final = 1.5
"""A that a car is offered above what it draws."""
SURE_AFTER: Final = timedelta(seconds=20)


@dataclass(slots=True, kw_only=True)
class Appetite:
    """Memory of one connector; currents in A per phase."""

    needs: float | None = None
    """Setpoint that is enough for the car; None: it takes all that it is offered."""
    leaves: float = 0.0
    """What the car, though it takes all that it can, leaves of its setpoint."""
    _less_since: datetime | None = None

    def forget(self) -> None:
        """Know nothing: the car is paused, gone or unseen."""
        self._take_all()
        self.leaves = 0.0

    def watch(self, drawn: float, offered: float, *, step: float, at: datetime) -> None:
        """Take note of a draw that was measured while the setpoint was steadily `offered`."""
        if drawn >= offered - ASKING:
            self._take_all()
            self.leaves = max(0.0, offered - drawn)
            return
        enough = up_to_step(drawn + ROOM_TO_ASK, step)
        if self.needs is not None and enough > self.needs:
            self.needs = enough
        if drawn >= offered - CLEARLY_LESS:
            self._less_since = None
        elif self._less_since is None or at < self._less_since:
            self._less_since = at
        elif at - self._less_since >= SURE_AFTER:
            self.needs = enough

    def _take_all(self) -> None:
        self.needs, self._less_since = None, None
