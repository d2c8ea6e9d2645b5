"""What was found out about stations, by their kind: vendor, model, firmware, version of OCPP."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from ..base import ChargerInfo

_VERSION: Final = 1
_MOST_KINDS: Final = 64
FIRST_VERSION: Final = "ocpp1.6"
"""What is stored without a version stems from this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
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
    ) -> None:
        self._kinds = dict(kinds or {})
        self._stations = dict(stations or {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Experience:
        """Restore what `to_json()` gave. Raises ValueError if it is something else."""
        try:
            if data["version"] != _VERSION:
                raise ValueError("experience of another version")
            kinds = {str(k): Findings.from_json(v) for k, v in data["kinds"].items()}
            return cls(kinds, {str(k): str(v) for k, v in data["stations"].items()})
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError("not an experience with stations") from error

    def to_json(self) -> dict[str, Any]:
        """Return everything that must survive a restart."""
        return {
            "version": _VERSION,
            "kinds": {key: asdict(findings) for key, findings in self._kinds.items()},
            "stations": dict(self._stations),
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

    def _kind(self, station: str, version: str) -> str:
        """Return a station's kind; one that never says what it is stands for itself."""
        name = _named(station, version)
        return self._stations.get(name, f"station {name}")


def _named(text: str, version: str) -> str:
    return text if version == FIRST_VERSION else f"{text} / {version}"


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise TypeError("text expected")
