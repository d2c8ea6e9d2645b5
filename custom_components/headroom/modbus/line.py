"""How a serial line is set, and how long bytes take on it."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, override

BAUD_RATES: Final = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)

_DATA_BITS: Final = 8
_LONGEST_FRAME: Final = 256
"""Bytes of unit, content and checksum."""
_SHORT_FRAME: Final = 8
"""Bytes of a request to read and of the answer to one to write."""
_FAST: Final = 19200
"""bit/s above which the silence between frames no longer depends on the rate."""
_FAST_SILENCE: Final = timedelta(milliseconds=1.75)
_SILENT_CHARACTERS: Final = 3.5
_WRITTEN: Final = re.compile(r"(\d+) 8([NEO])([12])")


class Parity(StrEnum):
    """The bit that each byte is checked by."""

    NONE = "none"
    EVEN = "even"
    ODD = "odd"

    @property
    def letter(self) -> str:
        """Return its usual abbreviation."""
        return self.value[0].upper()


@dataclass(frozen=True, slots=True)
class LineSettings:
    """What everybody on a line agrees on. Raises ValueError if nobody can.

    The defaults are those of the standard, "Modbus over Serial Line" 1.02.
    """

    baud_rate: int = 19200
    parity: Parity = Parity.EVEN
    stop_bits: int = 1

    def __post_init__(self) -> None:
        """Check the settings."""
        if self.baud_rate not in BAUD_RATES:
            raise ValueError(f"{self.baud_rate} is not a baud rate")
        if self.stop_bits not in {1, 2}:
            raise ValueError(f"{self.stop_bits} is not a number of stop bits")

    @override
    def __str__(self) -> str:
        """Return the settings as they are printed on devices, such as 19200 8E1."""
        return f"{self.baud_rate} {_DATA_BITS}{self.parity.letter}{self.stop_bits}"

    @property
    def silence(self) -> timedelta:
        """Return the least pause between two frames."""
        if self.baud_rate > _FAST:
            return _FAST_SILENCE
        return self._time_of(_SILENT_CHARACTERS)

    @property
    def longest_exchange(self) -> timedelta:
        """Return how long a request and its answer, one of which is short, can take."""
        return self._time_of(_LONGEST_FRAME + _SHORT_FRAME)

    def _time_of(self, characters: float) -> timedelta:
        bits = 1 + _DATA_BITS + (self.parity is not Parity.NONE) + self.stop_bits
        return timedelta(seconds=characters * bits / self.baud_rate)


def parse_line(text: str) -> LineSettings:
    """Return the settings that are written as on devices. Raises ValueError."""
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise ValueError(f"{text!r} does not set a line, as 19200 8E1 does")
    rate, letter, stop_bits = written.groups()
    parity = next(parity for parity in Parity if parity.letter == letter)
    return LineSettings(int(rate), parity, int(stop_bits))
