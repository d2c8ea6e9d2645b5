"""Kinds of boxes, written from makers' documents and open drivers.

They share nothing with the integration's own tables, so that a mistake in one of them shows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Final

from .registers import Inside, Pilot, Setting, Shown, Written

READ_HOLDING: Final = 3
READ_INPUT: Final = 4

ANY_REQUEST: Final = frozenset(Setting)
"""Signs of life of a box that takes every request for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How a kind of box speaks, and what keeps it from its fallback."""

    unit: int = 255
    reads: frozenset[int] = frozenset({READ_HOLDING})
    """Functions that read what the box shows; what is written is in holding registers."""
    low_first: bool = False
    shown: Sequence[Shown] = ()
    written: Sequence[Written] = ()
    starts: Mapping[Setting, float] = field(default_factory=dict)
    """Settings after power on; a setpoint may be infinite."""
    signs: frozenset[Setting] = frozenset()
    """What gives a sign of life when it is written; without any, it never falls back."""
    pause_reads_as: float = 0.0
    """A; what the setpoint reads as after 0 was written."""

    @property
    def is_modbus(self) -> bool:
        """Return whether it has registers."""
        return bool(self.written)


def _by_phase(
    layout: str, addresses: Sequence[int], value: Callable[[Inside, int], float]
) -> list[Shown]:
    return [
        Shown(address, layout, lambda box, phase=phase: value(box, phase))  # type: ignore[misc]  # mypy#12557
        for phase, address in enumerate(addresses)
    ]


def _amperes(layout: str, *addresses: int, per_ampere: float = 1) -> list[Shown]:
    return _by_phase(layout, addresses, lambda box, phase: box.currents[phase] * per_ampere)


def _volts(layout: str, *addresses: int, per_volt: float = 1) -> list[Shown]:
    return _by_phase(layout, addresses, lambda box, phase: box.voltages[phase] * per_volt)


def _watts(layout: str, *addresses: int, per_watt: float = 1) -> list[Shown]:
    return _by_phase(
        layout,
        addresses,
        lambda box, phase: box.currents[phase] * box.voltages[phase] * per_watt,
    )


def _state(address: int, layout: str, states: Mapping[Pilot, float | bytes]) -> Shown:
    return Shown(address, layout, lambda box: states[box.pilot])


def _pilots[V](no_car: V, connected: V, charging: V, fault: V) -> dict[Pilot, V]:
    return dict(zip(Pilot, (no_car, connected, charging, fault), strict=True))


_VESTEL_WRITTEN: Final = (
    Written(2000, "H", Setting.FALLBACK),
    Written(2002, "H", Setting.TIMEOUT),
    Written(5004, "H", Setting.SETPOINT),
    Written(6000, "H", Setting.ALIVE),
)
_VESTEL_STARTS: Final = {Setting.FALLBACK: 6.0, Setting.TIMEOUT: 20.0, Setting.SETPOINT: 6.0}

_VESTEL: Final = Kind(
    reads=frozenset({READ_INPUT}),
    shown=[
        Shown(100, "50s", lambda _: "SIM-0042".encode("utf-16-be")),
        Shown(210, "10s", lambda _: "EVC04".encode("utf-16-be")),
        Shown(230, "100s", lambda _: "v3.187.0".encode("utf-16-be")),
        Shown(404, "H", lambda box: box.phases > 1),
        _state(1000, "H", _pilots(0, 4, 2, 8)),
        _state(1001, "H", _pilots(0, 0, 1, 0)),
        _state(1004, "H", _pilots(0, 3, 3, 3)),
        Shown(1006, "I", lambda _: 0),
        *_amperes("H", 1008, 1010, 1012, per_ampere=1000),
        *_volts("H", 1014, 1016, 1018),
        Shown(1020, "I", lambda box: box.power),
        Shown(1036, "I", lambda box: box.energy / 100),
        Shown(1104, "H", lambda box: box.maximum),
        Shown(1502, "I", lambda box: box.session),
    ],
    written=_VESTEL_WRITTEN,
    starts=_VESTEL_STARTS,
    signs=frozenset({Setting.ALIVE}),
    pause_reads_as=6.0,
)

_WEBASTO_NEXT: Final = Kind(
    reads=frozenset({READ_HOLDING, READ_INPUT}),  # of two drivers each reads with another
    shown=[
        _state(1000, "H", _pilots(0, 4, 3, 7)),
        *_amperes("H", 1008, 1010, 1012, per_ampere=1000),
        Shown(1020, "I", lambda box: box.power),
        Shown(1036, "I", lambda box: box.energy),
        Shown(1104, "H", lambda box: box.maximum),
    ],
    written=_VESTEL_WRITTEN,
    starts=_VESTEL_STARTS,
    signs=frozenset({Setting.ALIVE}),
    pause_reads_as=6.0,
)

_ALFEN: Final = Kind(
    unit=1,
    shown=[
        *_volts("f", 306, 308, 310),
        *_amperes("f", 320, 322, 324),
        Shown(344, "f", lambda box: box.power),
        Shown(374, "d", lambda box: box.energy),
        _state(1201, "10s", _pilots(b"A", b"B2", b"C2", b"F")),
        Shown(1206, "f", lambda box: box.applied),
        Shown(1208, "I", lambda box: box.remaining),
        Shown(1212, "f", lambda box: box.fallback),
        Shown(1215, "H", lambda box: 3 if box.phases > 1 else 1),
    ],
    written=[Written(1210, "f", Setting.SETPOINT)],
    starts={Setting.SETPOINT: 0.0, Setting.FALLBACK: 6.0, Setting.TIMEOUT: 60.0},
    signs=frozenset({Setting.SETPOINT}),
)

_KEBA_SHOWN: Final = (
    _state(1000, "I", _pilots(1, 2, 3, 4)),
    _state(1004, "I", _pilots(1, 7, 7, 7)),
    Shown(1006, "I", lambda _: 0),
    *_amperes("I", 1008, 1010, 1012, per_ampere=1000),
    Shown(1020, "I", lambda box: box.power * 1000),
    Shown(1036, "I", lambda box: box.energy * 10),
    *_volts("I", 1040, 1042, 1044),
    Shown(1100, "I", lambda box: box.setpoint * 1000),
    Shown(1110, "I", lambda box: box.maximum * 1000),
    Shown(1502, "I", lambda box: box.session * 10),
    Shown(1600, "I", lambda box: box.fallback * 1000),
    Shown(1602, "I", lambda box: box.timeout),
)
_KEBA_WRITTEN: Final = (
    Written(5004, "H", Setting.SETPOINT, 0.001),
    Written(5016, "H", Setting.FALLBACK, 0.001),
    Written(5018, "H", Setting.TIMEOUT),
    Written(5020, "H", Setting.UNUSED),
)
_KEBA_STARTS: Final = {Setting.SETPOINT: inf, Setting.FALLBACK: 0.0, Setting.TIMEOUT: 0.0}

_KEBA_P30: Final = Kind(
    shown=_KEBA_SHOWN,
    written=[*_KEBA_WRITTEN, Written(5014, "H", Setting.ENABLED)],
    starts=_KEBA_STARTS,
    signs=frozenset({Setting.TIMEOUT}),
)

_KEBA_P40: Final = Kind(
    shown=_KEBA_SHOWN,
    written=_KEBA_WRITTEN,
    starts=_KEBA_STARTS,
    signs=frozenset({Setting.TIMEOUT}),
)

_BENDER: Final = Kind(
    shown=[
        _state(104, "I", _pilots(0, 1, 2, 8)),
        _state(122, "H", _pilots(1, 2, 3, 5)),
        Shown(140, "H", lambda box: box.pilot is Pilot.CHARGING and (1 if box.phases > 1 else 5)),
        *_by_phase("I", (200, 202, 204), lambda box, _: box.energy / 3),
        *_watts("I", 206, 208, 210),
        *_amperes("I", 212, 214, 216, per_ampere=1000),
        Shown(218, "I", lambda box: box.energy),
        Shown(220, "I", lambda box: box.power),
        *_volts("I", 222, 224, 226),
        Shown(706, "H", lambda box: box.applied),
        Shown(712, "H", lambda _: 6),
        Shown(715, "H", lambda box: box.maximum),
        Shown(716, "I", lambda box: box.session),
    ],
    written=[Written(1000, "H", Setting.SETPOINT)],
    starts={Setting.SETPOINT: inf},
)

_ABB: Final = Kind(
    unit=1,
    shown=[
        Shown(0x4006, "I", lambda box: box.maximum * 1000),
        Shown(0x4008, "I", lambda _: 0),
        _state(0x400A, "I", _pilots(0, 0x0101, 0x0101, 0x0101)),
        _state(0x400C, "I", _pilots(0, 0x0200, 0x8400, 0x0200)),
        Shown(0x400E, "I", lambda box: box.applied * 1000),
        *_amperes("I", 0x4010, 0x4012, 0x4014, per_ampere=1000),
        *_volts("I", 0x4016, 0x4018, 0x401A, per_volt=10),
        Shown(0x401C, "I", lambda box: box.power),
        Shown(0x401E, "I", lambda box: box.session),
    ],
    written=[Written(0x4100, "I", Setting.SETPOINT, 0.001)],
    starts={Setting.SETPOINT: inf},
)

_HEIDELBERG: Final = Kind(
    unit=1,
    reads=frozenset({READ_INPUT}),
    shown=[
        _state(5, "H", _pilots(2, 5, 7, 10)),
        *_amperes("H", 6, 7, 8, per_ampere=10),
        *_volts("H", 10, 11, 12),
        Shown(14, "H", lambda box: box.power),
        Shown(17, "I", lambda box: box.energy),
    ],
    written=[
        Written(257, "H", Setting.TIMEOUT, 0.001),
        Written(258, "H", Setting.UNUSED),
        Written(259, "H", Setting.ENABLED),
        Written(261, "H", Setting.SETPOINT, 0.1),
        Written(262, "H", Setting.FALLBACK, 0.1),
    ],
    starts={Setting.SETPOINT: 16.0, Setting.FALLBACK: 0.0, Setting.TIMEOUT: 15.0},
    signs=ANY_REQUEST,
)

_EVLINK: Final = Kind(
    low_first=True,
    shown=[
        _state(1, "H", _pilots(1, 5, 9, 11)),
        _state(150, "H", _pilots(1, 2, 3, 9)),
        _state(1150, "H", _pilots(0, 1, 1, 1)),
        *_amperes("f", 2999, 3001, 3003),
        *_volts("f", 3027, 3029, 3031),
        *_watts("f", 3053, 3055, 3057, per_watt=0.001),
        Shown(3059, "f", lambda box: box.power / 1000),
        Shown(3203, "Q", lambda box: box.energy),
        Shown(4012, "I", lambda box: box.session),
    ],
    written=[
        Written(4000, "H", Setting.ALIVE),
        Written(4001, "H", Setting.UNUSED),
        Written(4004, "H", Setting.SETPOINT),
        Written(4005, "H", Setting.FALLBACK_SINGLE),
        Written(4006, "H", Setting.FALLBACK),
    ],
    starts={Setting.SETPOINT: 32.0, Setting.FALLBACK: 0.0, Setting.TIMEOUT: 10.0},
    signs=frozenset({Setting.ALIVE}),
)

KINDS: Final[Mapping[str, Kind]] = {
    "vestel": _VESTEL,
    "webasto_next": _WEBASTO_NEXT,
    "alfen_ng9": _ALFEN,
    "keba_p30": _KEBA_P30,
    "keba_p40": _KEBA_P40,
    "bender_cc61x": _BENDER,
    "abb_terra_ac": _ABB,
    "heidelberg_ec": _HEIDELBERG,
    "schneider_evlink_pro_ac": _EVLINK,
    "app": Kind(starts={Setting.SETPOINT: inf}),
}
"""By the names that the integration uses; `app` has no registers, its maker's app limits it."""
