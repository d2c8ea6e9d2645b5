"""What a site is used to draw beside its cars."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from ..engine.currents import PHASES
from ..forecasts.daily import DailyProfile
from ..stored_parts import read_each, read_part

type PhaseProfiles = tuple[DailyProfile, DailyProfile, DailyProfile]


@dataclass(slots=True, kw_only=True)
class Loads:
    """The profiles of a site; they learn for as long as it runs."""

    zones: dict[str, PhaseProfiles] = field(default_factory=dict)
    """A per phase, by the id of each zone with a meter."""
    house: DailyProfile = field(default_factory=DailyProfile)
    """W that surplus must cover first."""

    def of(self, zone: str) -> PhaseProfiles:
        """Return the profiles of a zone, new ones if it has none."""
        return self.zones.setdefault(zone, (DailyProfile(), DailyProfile(), DailyProfile()))

    def forget_all_but(self, known: Container[str]) -> None:
        """Drop the profiles of zones that do not exist any more."""
        self.zones = {key: profiles for key, profiles in self.zones.items() if key in known}

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads."""
        return {
            "zones": {key: [one.to_json() for one in three] for key, three in self.zones.items()},
            "house": self.house.to_json(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return stored profiles. Raises KeyError or AttributeError."""
        return cls(
            zones=read_each("loads", stored["zones"], _read_zone),
            house=read_part(
                "loads of the house",
                lambda: DailyProfile.from_json(stored["house"]),
                DailyProfile(),
            ),
        )


def _read_zone(stored: list[Mapping[str, Any]]) -> PhaseProfiles:
    l1, l2, l3 = (DailyProfile.from_json(stored[phase]) for phase in PHASES)
    return l1, l2, l3
