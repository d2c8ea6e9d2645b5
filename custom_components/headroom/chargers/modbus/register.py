"""One value in a charger's registers."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...modbus.errors import ModbusImplausible
from ...modbus.registers import (
    Format,
    Function,
    Image,
    WordOrder,
    decode_number,
    encode_number,
)

type Value = float | str
type Values = Mapping[Register, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Where a number or a text lies."""

    address: int
    """As sent on the wire, where addresses begin at 0."""
    format: Format | None
    """None: it is a text."""
    length: int
    """Registers that it takes."""
    function: Function = Function.HOLDING
    word_order: WordOrder = WordOrder.MSW
    scale: float = 1.0
    """Factor from the charger's unit to A, V, W, Wh or s."""
    mask: int | None = None
    """Bits of a whole number that count."""
    optional: bool = False
    """Some devices do not have it."""

    @property
    def span(self) -> range:
        """Return its registers."""
        return range(self.address, self.address + self.length)

    @property
    def highest(self) -> float:
        """Return the highest number that it can be sure to hold."""
        return (2.0 ** (16 * self.length) - 2) * self.scale

    def decode(self, image: Image) -> Value:
        """Return the value. Raises ModbusImplausible if there is none."""
        words = [image[address] for address in self.span]
        if self.format is None:
            return _text(words)
        number = decode_number(words, self.format, self.word_order)
        if self.mask is not None:
            number = float(int(number) & self.mask)
        return number * self.scale

    def encode(self, value: float) -> list[int]:
        """Return the registers of a value. Raises ValueError if it does not fit or is a text."""
        if self.format is None:
            raise ValueError(f"register {self.address} holds a text")
        return encode_number(value / self.scale, self.format, self.word_order)


def _text(words: list[int]) -> str:
    """Return a text, of one or of two characters per register."""
    raw = b"".join(word.to_bytes(2) for word in words).replace(b"\0", b"")
    try:
        return raw.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise ModbusImplausible(f"{raw.hex()} is not a text") from error
