"""What was found out about stations, by their kind: vendor, model, firmware, version of OCPP."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from ..base import PHASE_COUNTS, ChargerInfo
from .traits import StationTraits

_VERSION: Final = 1
_MOST_KINDS: Final = 64
FIRST_VERSION: Final = "ocpp1.6"
"""What is stored without a version stems from this one."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What is known of one kind of station."""

    answers: Mapping[str, str] = field(default_factory=dict)
    """Settings that tell what it can do, as it gave them."""
    strategy: str | None = None
    """Name of the strategy that works."""
    followed: bool = False
    """A car was seen to draw what this strategy allowed."""
    barred: tuple[str, ...] = ()
    """Names of strategies that it accepts but does not apply."""
    measurands: str | None = None
    """What it was willing to measure; None if it has not been asked."""

    @cached_property
    def traits(self) -> StationTraits:
        """Return what its answers mean."""
        return StationTraits.read(self.answers)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Findings:
        """Restore what was stored. Raises KeyError, TypeError or AttributeError."""
        return cls(
            answers={str(key): str(value) for key, value in data["answers"].items()},
            strategy=_text(data["strategy"]),
            followed=bool(data["followed"]),
            barred=tuple(str(name) for name in data["barred"]),
            measurands=_text(data["measurands"]),
        )


class Experience:
    """Findings that outlive a restart; a station begins where its kind was left."""

    def __init__(
        self,
        kinds: Mapping[str, Findings] | None = None,
        stations: Mapping[str, str] | None = None,
        phases: Mapping[str, Mapping[int, int]] | None = None,
        switching: Mapping[str, bool] | None = None,
    ) -> None:
        self._kinds = dict(kinds or {})
        self._stations = dict(stations or {})
        self._phases = dict(phases or {})
        self._switching = dict(switching or {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Experience:
        """Restore what `to_json()` gave. Raises ValueError if it is something else."""
        try:
            if data["version"] != _VERSION:
                raise ValueError("experience of another version")
            kinds = {str(k): Findings.from_json(v) for k, v in data["kinds"].items()}
            stations = {str(k): str(v) for k, v in data["stations"].items()}
            phases = {str(k): _phases(v) for k, v in data.get("phases", {}).items()}
            switching = {str(k): bool(v) for k, v in data.get("switching", {}).items()}
            return cls(kinds, stations, phases, switching)
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError("not an experience with stations") from error

    def to_json(self) -> dict[str, Any]:
        """Return everything that must survive a restart."""
        return {
            "version": _VERSION,
            "kinds": {key: asdict(findings) for key, findings in self._kinds.items()},
            "stations": dict(self._stations),
            "phases": {key: dict(counts) for key, counts in self._phases.items()},
            "switching": dict(self._switching),
        }

    def of(self, station: str, version: str) -> Findings:
        """Return what is known of a station's kind, where it speaks a version of OCPP."""
        return self._kinds.get(self._kind(station, version), Findings())

    def meet(self, station: str, version: str, info: ChargerInfo) -> None:
        """Note what kind a station is."""
        kind = f"{info.vendor} / {info.model} / {info.firmware}"
        self._stations[_named(station, version)] = _named(kind, version)

    def learn(self, station: str, version: str, findings: Findings) -> bool:
        """Remember findings of a station; return whether they are new."""
        if self.of(station, version) == findings:
            return False
        kind = self._kind(station, version)
        self._kinds.pop(kind, None)
        self._kinds[kind] = replace(findings)
        for oldest in tuple(self._kinds)[:-_MOST_KINDS]:
            del self._kinds[oldest]
        return True

    def phases_of(self, station: str) -> Mapping[int, int]:
        """Return how many phases each connector of a station was told to use."""
        return self._phases.get(station, {})

    def keep_phases(self, station: str, counts: Mapping[int, int]) -> bool:
        """Remember how many phases connectors were told to use; return whether that is new."""
        if self.phases_of(station) == counts:
            return False
        self._phases.pop(station, None)
        if counts:
            self._phases[station] = counts
        return True

    def switches_phases(self, station: str) -> bool | None:
        """Return whether a station says that it can switch phases; not all of a kind can."""
        return self._switching.get(station)

    def keep_switching(self, station: str, *, able: bool | None) -> bool:
        """Remember whether a station can switch phases; return whether that is new."""
        if self.switches_phases(station) == able:
            return False
        self._switching.pop(station, None)
        if able is not None:
            self._switching[station] = able
        return True

    def forget(self, station: str) -> None:
        """Drop what is known of a station alone and not of its kind."""
        self.keep_phases(station, {})
        self.keep_switching(station, able=None)

    def _kind(self, station: str, version: str) -> str:
        """Return a station's kind; one that never says what it is stands for itself."""
        name = _named(station, version)
        return self._stations.get(name, f"station {name}")


def _named(text: str, version: str) -> str:
    return text if version == FIRST_VERSION else f"{text} / {version}"


def _phases(counts: Mapping[str, Any]) -> dict[int, int]:
    return {int(number): int(count) for number, count in counts.items() if count in PHASE_COUNTS}


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise TypeError("text expected")
