"""Chargers as their makers and users describe them; not taken from the dialect files."""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .device import Device, Registers

type Words = tuple[int, tuple[int, ...]]
"""Address and content of a write."""


def f32(value: float) -> tuple[int, ...]:
    """Return the registers of a float, high word first."""
    return struct.unpack(">2H", struct.pack(">f", value))


def u32(value: int) -> tuple[int, ...]:
    """Return the registers of a whole number, high word first."""
    return struct.unpack(">2H", struct.pack(">I", value))


@dataclass(frozen=True)
class Box:
    """A kind of charger with one car that draws 10.5, 11.2 and 9.8 A while it charges."""

    dialect: str
    make: Callable[[], Registers]
    states: Mapping[str, Callable[[Registers], None]]
    """How a state of IEC 61851-1 looks."""
    armed: tuple[Words, ...]
    """What is written on contact for a fallback of 8 A, but for the setpoint."""
    at_16: tuple[Words, ...]
    """What makes 16 A the setpoint."""
    paused: tuple[Words, ...]
    unit: int = 255
    first: tuple[Words, ...] = ()
    """What makes 8 A the setpoint."""
    copies: Mapping[int, tuple[int, Callable[[int], tuple[int, ...]]]] = field(default_factory=dict)
    """Where else, and how, what is written shows."""
    floor_reads: Mapping[int, int] = field(default_factory=dict)
    """What a register reads as after 0 was written."""
    one_phase: Words | None = None
    """What makes it use one phase, if it can switch."""
    three_phases: Words | None = None
    session: float | None = 4200.0
    voltages: bool = True
    energy: float | None = 1_234_500.0
    timeout: float | None = None

    def device(self) -> Device:
        """Return a device with this box and no car."""
        registers = self.make()
        self.states["A"](registers)
        device = Device({self.unit: registers})
        device.react = self.react
        return device

    def react(self, registers: Registers, address: int, words: tuple[int, ...]) -> None:
        """Show what was written where the box shows it."""
        if address in self.copies:
            target, convert = self.copies[address]
            value = words[0] if len(words) == 1 else words[0] << 16 | words[1]
            registers.holding.update(enumerate(convert(value), start=target))
        if words == (0,) and address in self.floor_reads:
            registers.holding[address] = self.floor_reads[address]


def _vestel() -> Registers:
    box = Registers()
    box.put("input", 100, "50s", "SN42".encode("utf-16-be"))
    box.put("input", 210, "10s", b"\0E\0V\0C\0" + b"0\0004")
    box.put("input", 230, "100s", "v3.187.0".encode("utf-16-be"))
    box.put("input", 404, "H", 1)
    box.put("input", 1006, "I", 0)
    for address, current in zip((1008, 1010, 1012), (10_500, 11_200, 9_800), strict=True):
        box.put("input", address, "H", current)
    for address, voltage in zip((1014, 1016, 1018), (230, 231, 229), strict=True):
        box.put("input", address, "H", voltage)
    box.put("input", 1020, "I", 7245)
    box.put("input", 1036, "I", 12_345)
    box.put("input", 1502, "I", 4200)
    box.holding.update({405: 1, 2000: 6, 2002: 20, 5004: 6, 6000: 0})
    return box


def _vestel_state(status: int, charging: int, cable: int) -> Callable[[Registers], None]:
    return lambda box: box.input.update({1000: status, 1001: charging, 1004: cable})


def _next() -> Registers:
    box = Registers()
    box.holding.update({1104: 32, 2000: 6, 2002: 20, 5004: 6, 6000: 0})
    for address, current in zip((1008, 1010, 1012), (10_500, 11_200, 9_800), strict=True):
        box.put("input", address, "H", current)
    box.put("holding", 1020, "I", 7245)
    box.put("holding", 1036, "I", 1_234_500)
    return box


def _holding(address: int, layout: str, value: float | bytes) -> Callable[[Registers], None]:
    return lambda box: box.put("holding", address, layout, value)


def _alfen() -> Registers:
    box = Registers()
    box.put("holding", 306, "3f", 230, 231, 229)
    box.put("holding", 320, "3f", 10.5, 11.2, 9.8)
    box.put("holding", 344, "f", 7245)
    box.put("holding", 374, "d", 1_234_500)
    box.put("holding", 1206, "f", 16)
    box.put("holding", 1208, "I", 60)
    box.put("holding", 1210, "f", float("nan"))
    box.put("holding", 1212, "f", 6)
    box.put("holding", 1215, "H", 3)
    return box


def _keba() -> Registers:
    box = Registers()
    for address, value in {
        1006: 0, 1008: 10_500, 1010: 11_200, 1012: 9_800, 1040: 230, 1042: 231, 1044: 229,
        1020: 7_245_000, 1036: 12_345_000, 1502: 42_000, 1100: 6000, 1600: 0, 1602: 0,
    }.items():  # fmt: skip
        box.put("holding", address, "I", value)
    box.put("holding", 1550, "2I", 3, 3)
    box.holding.update({5004: 6000, 5014: 1, 5016: 0, 5018: 0, 5052: 1})
    return box


def _keba_state(state: int, cable: int) -> Callable[[Registers], None]:
    def apply(box: Registers) -> None:
        box.put("holding", 1000, "I", state)
        box.put("holding", 1004, "I", cable)

    return apply


KEBA_COPIES = {5004: (1100, u32), 5016: (1600, u32), 5018: (1602, u32), 5052: (1552, u32)}
KEBA_STATES = {
    "A": _keba_state(1, 1),
    "B": _keba_state(2, 7),
    "C": _keba_state(3, 7),
    "F": _keba_state(4, 7),
}
KEBA_ARMED = ((5016, (8000,)), (5018, (20,)), (5018, (20,)))


def _bender() -> Registers:
    box = Registers()
    box.put("holding", 104, "I", 0)
    box.put("holding", 212, "8I", 10_500, 11_200, 9_800, 1_234_500, 7245, 230, 231, 229)
    box.put("holding", 706, "H", 16)
    box.put("holding", 716, "I", 4200)
    box.holding[1000] = 32
    return box


def _abb() -> Registers:
    box = Registers()
    box.put("holding", 0x4006, "3I", 32_000, 0, 0x0101)
    box.put("holding", 0x400E, "I", 6000)
    box.put("holding", 0x4010, "8I", 10_500, 11_200, 9_800, 2300, 2310, 2290, 7245, 4200)
    box.put("holding", 0x4100, "I", 0)
    return box


def _heidelberg() -> Registers:
    box = Registers()
    box.put("input", 6, "3H", 105, 112, 98)
    box.put("input", 10, "3H", 230, 231, 229)
    box.put("input", 14, "H", 7245)
    box.put("input", 17, "I", 1_234_500)
    box.holding.update({257: 15_000, 258: 0, 259: 0, 261: 160, 262: 160})
    return box


def _evlink() -> Registers:
    def low_first(address: int, layout: str, value: float) -> None:
        box.put("holding", address, layout, value)
        length = struct.calcsize(f">{layout}") // 2
        words = [box.holding[a] for a in range(address, address + length)]
        box.holding.update(enumerate(words[::-1], start=address))

    box = Registers()
    box.holding.update({150: 1, 1150: 0, 4000: 0, 4001: 0, 4004: 32, 4005: 0, 4006: 0})
    for offset, current, voltage in ((0, 10.5, 230), (2, 11.2, 231), (4, 9.8, 229)):
        low_first(2999 + offset, "f", current)
        low_first(3027 + offset, "f", voltage)
    low_first(3059, "f", 7.245)
    low_first(3203, "Q", 1_234_500)
    low_first(4012, "I", 4200)
    return box


def _input(address: int, value: int) -> Callable[[Registers], None]:
    return lambda box: box.input.update({address: value})


BOXES = {
    box.dialect: box
    for box in (
        Box(
            "vestel",
            _vestel,
            {
                "A": _vestel_state(0, 0, 1),
                "B": _vestel_state(4, 0, 3),
                "C": _vestel_state(2, 1, 3),
                "F": _vestel_state(8, 0, 3),
            },
            armed=((2000, (8,)), (2002, (20,)), (6000, (1,))),
            first=((5004, (8,)),),
            at_16=((5004, (16,)),),
            paused=((5004, (0,)),),
            floor_reads={5004: 6},
            one_phase=(405, (0,)),
            three_phases=(405, (1,)),
            timeout=20,
        ),
        Box(
            "webasto_next",
            _next,
            {state: _holding(1000, "H", n) for state, n in zip("ABCF", (0, 4, 3, 7), strict=True)},
            armed=((2000, (8,)), (2002, (20,)), (6000, (1,))),
            first=((5004, (8,)),),
            at_16=((5004, (16,)),),
            paused=((5004, (0,)),),
            session=0.0,
            voltages=False,
            timeout=20,
        ),
        Box(
            "alfen_ng9",
            _alfen,
            {
                state: _holding(1201, "10s", text)
                for state, text in {"A": b"A", "B": b"B2", "C": b"C2", "F": b"F"}.items()
            },
            unit=1,
            armed=(),
            first=((1210, f32(8)),),
            at_16=((1210, f32(16)),),
            paused=((1210, f32(0)),),
            one_phase=(1215, (1,)),
            three_phases=(1215, (3,)),
            session=0.0,
            timeout=60,
        ),
        Box(
            "keba_p30",
            _keba,
            KEBA_STATES,
            armed=KEBA_ARMED,
            first=((5004, (8000,)), (5014, (1,))),
            at_16=((5004, (16_000,)), (5014, (1,))),
            paused=((5014, (0,)),),
            copies=KEBA_COPIES,
            one_phase=(5052, (0,)),
            three_phases=(5052, (1,)),
            timeout=20,
        ),
        Box(
            "keba_p40",
            _keba,
            KEBA_STATES,
            armed=KEBA_ARMED,
            first=((5004, (8000,)),),
            at_16=((5004, (16_000,)),),
            paused=((5004, (0,)),),
            copies=KEBA_COPIES | {5052: (1552, lambda three: u32(3 if three else 1))},
            one_phase=(5052, (0,)),
            three_phases=(5052, (1,)),
            timeout=20,
        ),
        Box(
            "bender_cc61x",
            _bender,
            {state: _holding(122, "H", n) for state, n in zip("ABCF", (1, 2, 3, 5), strict=True)},
            armed=(),
            first=((1000, (8,)),),
            at_16=((1000, (16,)),),
            paused=((1000, (0,)),),
        ),
        Box(
            "abb_terra_ac",
            _abb,
            {
                "A": _holding(0x400C, "I", 0),
                "B": _holding(0x400C, "I", 0x0500),
                "C": _holding(0x400C, "I", 0x8400),
            },
            unit=1,
            armed=(),
            first=((0x4100, u32(8000)),),
            at_16=((0x4100, u32(16_000)),),
            paused=((0x4100, u32(0)),),
            copies={0x4100: (0x400E, u32)},
            energy=None,
        ),
        Box(
            "heidelberg_ec",
            _heidelberg,
            {"A": _input(5, 2), "B": _input(5, 5), "C": _input(5, 7), "F": _input(5, 10)},
            unit=1,
            armed=((258, (4,)), (259, (1,)), (262, (80,)), (257, (20_000,))),
            first=((261, (80,)),),
            at_16=((261, (160,)),),
            paused=((261, (0,)),),
            session=0.0,
            timeout=20,
        ),
        Box(
            "schneider_evlink_pro_ac",
            _evlink,
            {state: _holding(1, "H", n) for state, n in zip("ABCF", (1, 5, 9, 11), strict=True)},
            armed=((4005, (8,)), (4006, (8,)), (4000, (1,))),
            first=((4004, (8,)),),
            at_16=((4004, (16,)),),
            paused=((4004, (0,)),),
            timeout=30,
        ),
    )
}
