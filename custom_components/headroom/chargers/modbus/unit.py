"""Reading and writing one unit of a charger in its dialect."""

from collections.abc import Iterable, Iterator

from ...modbus.endpoint import ModbusEndpoint
from ...modbus.errors import ModbusError, ModbusImplausible, ModbusRefused
from ...modbus.registers import Function, merge_spans
from .dialect import Dialect, Order
from .register import Register, Value


class WrongDevice(ModbusError):
    """Another kind of device answers."""


class Unit:
    """One unit; it is written to only on the connection on which it has shown who it is."""

    def __init__(self, endpoint: ModbusEndpoint, unit: int, dialect: Dialect) -> None:
        self._endpoint = endpoint
        self._unit = unit
        self._dialect = dialect
        self._connection: int | None = None
        self._refused: set[Register] = set()

    @property
    def is_identified(self) -> bool:
        """Return whether the unit has shown who it is since it was connected."""
        return self._connection == self._endpoint.connections

    def forget(self) -> None:
        """Ask the unit again who it is before it is written to."""
        self._connection = None

    async def identify(self) -> None:
        """Find out whether it is such a charger. Raises ModbusError."""
        self._refused.clear()
        for name in self._dialect.identity:
            value = await self.value(self._dialect.signals[name])
            if self._dialect.is_strange(name, value):
                raise WrongDevice(
                    f"{self._endpoint}/{self._unit} is no {self._dialect.name}: "
                    f"{name} is {value if isinstance(value, str) else f'{value:g}'}"
                )
        self._connection = self._endpoint.connections

    async def value(self, register: Register) -> Value:
        """Return one value. Raises ModbusError."""
        return register.decode(await self._image(register.function, register.span))

    async def number(self, register: Register) -> float:
        """Return one number. Raises ModbusError."""
        value = await self.value(register)
        if isinstance(value, str):
            raise ModbusImplausible(f"{value!r} is not a number")
        return value

    def batches(self, wanted: Iterable[Register]) -> Iterator[tuple[Register, ...]]:
        """Yield what can be read with one request each; optional ones are alone."""
        required: dict[Function, list[Register]] = {}
        for register in wanted:
            if not register.optional:
                required.setdefault(register.function, []).append(register)
            elif register not in self._refused:
                yield (register,)
        for registers in required.values():
            for block in merge_spans(
                (register.span for register in registers),
                max_read=self._dialect.max_read,
                max_gap=self._dialect.max_gap,
            ):
                yield tuple(r for r in registers if r.address in block)

    async def read(self, batch: tuple[Register, ...]) -> dict[Register, Value]:
        """Return the values of a batch but optional ones that are not there. Raises ModbusError."""
        first, optional = batch[0], batch[0].optional
        start = min(register.address for register in batch)
        stop = max(register.span.stop for register in batch)
        try:
            image = await self._image(first.function, range(start, stop))
            return {register: register.decode(image) for register in batch}
        except ModbusRefused:
            if not optional:
                raise
            self._refused.add(first)
        except ModbusImplausible:
            if not optional:
                raise
        return {}

    async def write(self, order: Order) -> None:
        """Write a value. Raises ModbusError."""
        register = order.register
        await self._endpoint.write(
            self._unit,
            register.address,
            register.encode(order.value),
            single=self._dialect.control.single and register.length == 1,
            connection=self._connection,
        )

    async def _image(self, function: Function, registers: range) -> dict[int, int]:
        words = await self._endpoint.read(self._unit, function, registers)
        return dict(zip(registers, words, strict=True))
