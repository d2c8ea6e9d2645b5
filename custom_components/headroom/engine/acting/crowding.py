"""Which links are too full: clearly, or for a while."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(slots=True)
class Crowding:
    """Memory of the links of one plan."""

    _since: dict[int, datetime] = field(default_factory=dict)
    """Since when each link has been above its room, by index."""

    def crowded(
        self,
        used: Sequence[int],
        room: Sequence[int],
        slack: Sequence[int],
        *,
        now: datetime,
        patience: timedelta,
    ) -> set[int]:
        """Return the links that are above their room by more than `slack`, or longer than patience.

        Numbers are deciamps per link.
        """
        crowded = set()
        for link, (current, most, little) in enumerate(zip(used, room, slack, strict=True)):
            if current <= most:
                self._since.pop(link, None)
                continue
            since = self._since.setdefault(link, now)
            if current > most + little or not timedelta() <= now - since < patience:
                crowded.add(link)
        return crowded
