"""What tests without contact have shown of chargers and their kinds."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ..stored_parts import read_each
from .base import ChargerInfo

_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The last clear outcome for one charger."""

    held: bool
    """It went back to its fallback."""
    starts_free: bool | None = None
    """It charged without a limit after a restart; None where no restart has shown it."""
    kind: str | None
    """Vendor, model and firmware; None if it did not say all of them."""
    at: datetime

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Proof:
        """Restore what was stored. Raises KeyError, TypeError or ValueError."""
        kind, starts_free = data["kind"], data.get("starts_free")
        return cls(
            held=data["held"] is True,
            starts_free=starts_free if isinstance(starts_free, bool) else None,
            kind=None if kind is None else str(kind),
            at=datetime.fromisoformat(data["at"]),
        )


class Proofs:
    """Outcomes by charger. A charger that was not tested is taken for what its kind has shown."""

    def __init__(
        self, proofs: Mapping[str, Proof] | None = None, kinds: Mapping[str, str] | None = None
    ) -> None:
        self._proofs = dict(proofs or {})
        self._kinds = dict(kinds or {})
        """What each charger last said that it is."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Proofs:
        """Restore what `to_json()` gave. Raises ValueError if it is something else."""
        try:
            if data["version"] != _VERSION:
                raise ValueError("proofs of another version")
            return cls(
                read_each("proof", data["proofs"], Proof.from_json),
                {str(k): str(v) for k, v in data["kinds"].items()},
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError("not proofs of chargers") from error

    def to_json(self) -> dict[str, Any]:
        """Return everything that must survive a restart."""
        return {
            "version": _VERSION,
            "proofs": {
                key: {
                    "held": proof.held,
                    "starts_free": proof.starts_free,
                    "kind": proof.kind,
                    "at": proof.at.isoformat(),
                }
                for key, proof in self._proofs.items()
            },
            "kinds": dict(self._kinds),
        }

    def meet(self, charger: str, info: ChargerInfo) -> None:
        """Note what a charger says that it is."""
        if info.vendor and info.model and info.firmware:
            self._kinds[charger] = f"{info.vendor} / {info.model} / {info.firmware}"

    def note(
        self, charger: str, *, held: bool, at: datetime, starts_free: bool | None = None
    ) -> None:
        """Remember a clear outcome.

        What an earlier restart has shown stays if this one has shown nothing.
        """
        before = self._own(charger)
        if starts_free is None and before is not None:
            starts_free = before.starts_free
        kind = self._kinds.get(charger)
        self._proofs[charger] = Proof(held=held, starts_free=starts_free, kind=kind, at=at)

    def of(self, charger: str) -> Proof | None:
        """Return what has shown whether a charger goes back to its fallback.

        Other firmware, or another model in its place, has to show it anew. Of several chargers of
        its kind one that did not is believed.
        """
        alike = min(self._alike(charger), key=lambda proof: proof.held, default=None)
        return self._own(charger) or alike

    def starts_free(self, charger: str) -> bool | None:
        """Return whether it charges without a limit after a restart; None if nobody knows.

        Of several chargers of its kind one that does is believed.
        """
        own = self._own(charger)
        if own is not None and own.starts_free is not None:
            return own.starts_free
        shown = (proof.starts_free for proof in self._alike(charger))
        return max((free for free in shown if free is not None), default=None)

    def _own(self, charger: str) -> Proof | None:
        """Return what a charger itself has shown since it is what it is."""
        proof = self._proofs.get(charger)
        return proof if proof is not None and proof.kind == self._kinds.get(charger) else None

    def _alike(self, charger: str) -> list[Proof]:
        """Return what has been shown by chargers of its kind."""
        kind = self._kinds.get(charger)
        return [proof for proof in self._proofs.values() if kind and proof.kind == kind]

    def forget_all_but(self, chargers: Collection[str]) -> None:
        """Drop what was shown by chargers that do not exist any more."""
        self._proofs = {key: proof for key, proof in self._proofs.items() if key in chargers}
        self._kinds = {key: kind for key, kind in self._kinds.items() if key in chargers}
