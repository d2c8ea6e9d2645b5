"""What the guards of a site remember, and how they stand."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Self

from ..memory.stored import read_object
from .excursion import SchemeMemory
from .peak import PeakMemory
from .standing import SchemeState


@dataclass(slots=True, kw_only=True)
class GuardMemory:
    """What guards remember, by zone id."""

    peaks: dict[str, PeakMemory] = field(default_factory=dict)
    schemes: dict[str, SchemeMemory] = field(default_factory=dict)
    unreadable: frozenset[str] = frozenset()
    """Zones that a store told nothing usable of."""

    def forget_zones(self, known: Container[str]) -> None:
        """Drop the memories of zones that do not exist any more."""
        self.peaks = {zone: one for zone, one in self.peaks.items() if zone in known}
        self.schemes = {zone: one for zone, one in self.schemes.items() if zone in known}

    def to_json(self) -> dict[str, object]:
        """Return what outlives a restart."""
        return {
            "peaks": {zone: memory.to_json() for zone, memory in self.peaks.items()},
            "schemes": {zone: memory.to_json() for zone, memory in self.schemes.items()},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Self:
        """Return the stored memory; older releases have none. Raises ValueError.

        A scheme that cannot be read may have been locked out, so it is.
        """
        lost_peaks, lost_schemes = set[str](), set[str]()
        peaks = _read_each(stored.get("peaks", {}), PeakMemory.from_json, lost_peaks)
        schemes = _read_each(stored.get("schemes", {}), SchemeMemory.from_json, lost_schemes)
        for zone in lost_schemes:
            schemes[zone] = SchemeMemory(state=SchemeState.LOCKOUT)
        return cls(peaks=peaks, schemes=schemes, unreadable=frozenset(lost_peaks | lost_schemes))


def _read_each[MemoryT](
    stored: object, read: Callable[[Mapping[str, object]], MemoryT], lost: set[str]
) -> dict[str, MemoryT]:
    """Read the memories of zones one by one, and note those that cannot be read."""
    memories: dict[str, MemoryT] = {}
    for zone, one in read_object(stored).items():
        try:
            memories[zone] = read(read_object(one))
        except KeyError, ValueError:
            lost.add(zone)
    return memories
