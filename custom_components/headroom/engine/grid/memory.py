"""What the guards of a site remember, and how they stand."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Self

from ..memory.stored import read_object
from .excursion import SchemeMemory
from .peak import PeakMemory


@dataclass(slots=True, kw_only=True)
class GuardMemory:
    """What guards remember, by zone id."""

    peaks: dict[str, PeakMemory] = field(default_factory=dict)
    schemes: dict[str, SchemeMemory] = field(default_factory=dict)

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
        """Return the stored memory; older releases have none. Raises KeyError and ValueError."""
        peaks, schemes = (read_object(stored.get(part, {})) for part in ("peaks", "schemes"))
        return cls(
            peaks={zone: PeakMemory.from_json(read_object(one)) for zone, one in peaks.items()},
            schemes={
                zone: SchemeMemory.from_json(read_object(one)) for zone, one in schemes.items()
            },
        )
