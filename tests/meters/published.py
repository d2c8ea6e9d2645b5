"""What makers and others have published of meters' registers, as devices would answer.

`published.csv` keeps the numbers as they are printed, many of which begin at 1, and the units of
the registers. It shares nothing with the model files.
"""

import csv
import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final, Self

from custom_components.headroom.engine.currents import PerPhase

_CODES: Final = {
    "float32": "f",
    "float64": "d",
    "int16": "h",
    "uint16": "H",
    "int32": "i",
    "uint32": "I",
    "int64": "q",
    "uint64": "Q",
}
_UNITS: Final = {"A": 1.0, "mA": 1e-3, "V": 1.0, "W": 1.0, "kW": 1e3, "Wh": 1.0, "kWh": 1e3}
_EXPONENTS: Final = {"I": -2, "U": -1, "P": 1, "i": 3, "e": 3}
"""Powers of ten that the simulated devices use, by the first letter of the quantity."""
_UNUSED: Final = 0xABCD


@dataclass(frozen=True, slots=True)
class Shown:
    """What a meter shows; export is negative."""

    currents: PerPhase
    voltages: PerPhase
    powers: PerPhase
    energy_import: float = 123_456_000.0
    energy_export: float = 8_000.0

    def of(self, quantity: str) -> float:
        """Return a quantity by its short name, such as I1, P or import."""
        if quantity[-1].isdigit():
            phases = {"I": self.currents, "U": self.voltages, "P": self.powers}[quantity[0]]
            return phases[int(quantity[-1]) - 1]
        single = {"import": self.energy_import, "export": self.energy_export}
        return sum(self.powers) if quantity == "P" else single[quantity]


@dataclass(frozen=True, slots=True)
class Row:
    """One published register."""

    model: str
    quantity: str
    function: int
    address: int
    code: str
    low_word_first: bool
    factor: float
    exponent: int | None
    less: int | None
    unit: int | None

    @classmethod
    def read(cls, row: Mapping[str, str]) -> Self:
        number, _, name = row["unit"].rpartition(" ")
        return cls(
            model=row["model"],
            quantity=row["quantity"],
            function=int(row["function"]),
            address=int(row["printed"]) - int(row["first"]),
            code=_CODES[row["format"]],
            low_word_first=row["words"] == "low first",
            factor=float(number or 1) * _UNITS[name],
            exponent=int(row["exponent"]) if row["exponent"] else None,
            less=int(row["less"]) if row["less"] else None,
            unit=int(row["unit id"]) if row["unit id"] else None,
        )

    @property
    def size(self) -> int:
        """Return how many registers a number takes."""
        return struct.calcsize(f">{self.code}") // 2

    def registers(self, shown: float) -> dict[int, int]:
        """Return the registers of a value in A, V, W or Wh."""
        power_of_ten = 0 if self.exponent is None else _EXPONENTS[self.quantity[0]]
        raw = shown / self.factor / 10.0**power_of_ten
        parts = {self.address: raw}
        if self.less is not None:
            parts = {self.address: max(raw, 0.0), self.less: max(-raw, 0.0)}
        image = {
            first + offset: word
            for first, number in parts.items()
            for offset, word in enumerate(self._words(number))
        }
        if self.exponent is not None:
            image[self.exponent] = power_of_ten & 0xFFFF
        return image

    def marked(self, marker: bytes) -> dict[int, int]:
        """Return the registers of a value that is not available."""
        return dict(enumerate(_words_of(marker), start=self.address))

    def _words(self, raw: float) -> list[int]:
        number = raw if self.code in "fd" else round(raw)
        words = _words_of(struct.pack(f">{self.code}", number))
        return words[::-1] if self.low_word_first else words


def _words_of(data: bytes) -> list[int]:
    return list(struct.unpack(f">{len(data) // 2}H", data))


@cache
def published() -> Mapping[str, tuple[Row, ...]]:
    """Return the registers of each model by its id."""
    rows = defaultdict[str, list[Row]](list)
    with Path(__file__).with_name("published.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            row = Row.read(line)
            rows[row.model].append(row)
    return {model: tuple(own) for model, own in rows.items()}


def tables(image: Mapping[int, int], *, gaps: int = 0) -> dict[int, bytes]:
    """Return registers in runs; gaps up to a length are filled with what means nothing."""
    filled = dict(image)
    addresses = sorted(image)
    for left, right in pairwise(addresses):
        if right - left - 1 <= gaps:
            filled |= dict.fromkeys(range(left + 1, right), _UNUSED)
    return {run[0]: _packed(filled[address] for address in run) for run in _runs(filled)}


def _packed(words: Iterable[int]) -> bytes:
    return b"".join(word.to_bytes(2) for word in words)


def _runs(addresses: Iterable[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for address in sorted(addresses):
        if runs and address == runs[-1][-1] + 1:
            runs[-1].append(address)
        else:
            runs.append([address])
    return runs
