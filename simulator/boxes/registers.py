"""Registers of a box: what they show of it and what is set by writing to them."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from custom_components.headroom.engine.currents import PerPhase

from ..plant.ev import VOLTAGE

_VOLTAGES: Final = PerPhase(VOLTAGE, VOLTAGE, VOLTAGE)


class Pilot(Enum):
    """What the pilot signal of IEC 61851 tells."""

    NO_CAR = "A"
    CONNECTED = "B"
    CHARGING = "C"
    FAULT = "F"


class Setting(Enum):
    """What can be set in a box."""

    SETPOINT = auto()
    """A"""
    ENABLED = auto()
    """0 pauses whatever the setpoint is."""
    FALLBACK = auto()
    """A; holds when nobody gives a sign of life."""
    FALLBACK_SINGLE = auto()
    """A; the same, where the box has a value of its own for one phase."""
    TIMEOUT = auto()
    """s without a sign of life; 0: none is wanted."""
    ALIVE = auto()
    UNUSED = auto()
    """What the simulator takes and does nothing with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """What a box knows of itself: A, V, W, Wh and s, by its own terminals."""

    pilot: Pilot
    currents: PerPhase
    voltages: PerPhase = _VOLTAGES
    power: float
    energy: float
    session: float
    """Energy since the car was plugged in."""
    phases: int
    maximum: float
    applied: float
    """The limit that holds."""
    setpoint: float
    fallback: float
    timeout: float
    remaining: float
    """Time until the fallback holds."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Registers that can be read only."""

    address: int
    """0-based, as on the wire."""
    layout: str
    """As struct names it: H and I are whole numbers, f and d floats, 10s is text."""
    value: Callable[[Inside], float | bytes]


@dataclass(frozen=True, slots=True)
class Written:
    """Registers that are written, and read as they were written."""

    address: int
    layout: str
    setting: Setting
    scale: float = 1.0
    """A or s of one."""


def words_of(layout: str) -> int:
    """Return how many registers a value takes."""
    return struct.calcsize(f">{layout}") // 2


def encode(layout: str, value: float | bytes, *, low_first: bool) -> list[int]:
    """Return the registers of a value, the high word first unless told otherwise."""
    fitting = value if isinstance(value, bytes) or layout in {"f", "d"} else round(value)
    words = struct.unpack(f">{words_of(layout)}H", struct.pack(f">{layout}", fitting))
    return list(words[::-1] if low_first else words)


def decode(layout: str, words: list[int], *, low_first: bool) -> float:
    """Return the number that registers hold."""
    ordered = words[::-1] if low_first else words
    (value,) = struct.unpack(f">{layout}", struct.pack(f">{len(words)}H", *ordered))
    return float(value)
