"""Reading the quantities of one model from one unit."""

from ..modbus.endpoint import ModbusEndpoint
from ..modbus.registers import LAST_ADDRESS, Function
from .base import MeterImplausible, MeterRefused
from .blocks import Block, plan_blocks
from .decode import Images, decode_images
from .measured import Values
from .models import Kind, MeterModel
from .sunspec import find_model


class UnitReader:
    """Reads a meter and remembers what it refused and where its registers begin."""

    def __init__(self, endpoint: ModbusEndpoint, unit: int, model: MeterModel) -> None:
        self._endpoint = endpoint
        self._unit = unit
        self._model = model
        self._refused: set[Block] = set()
        self._located: MeterModel | None = None
        self._connection = 0

    async def read(self, kinds: frozenset[Kind]) -> Values:
        """Return those of some quantities that the meter has. Raises MeterError."""
        self._forget_earlier_connection()
        model = await self._locate()
        images: Images = {}
        for block in plan_blocks(model, kinds):
            if block not in self._refused:
                images.setdefault(block.table, {}).update(await self._read_block(block))
        return decode_images(model, images)

    async def _locate(self) -> MeterModel:
        if not self._model.sunspec:
            return self._model
        if self._located is None:
            base = await find_model(self._read_holding, self._model.sunspec)
            self._located = self._model.based_at(base)
        return self._located

    async def _read_holding(self, registers: range) -> list[int]:
        if registers.stop - 1 > LAST_ADDRESS:
            raise MeterImplausible(f"a SunSpec map that goes on after register {LAST_ADDRESS}")
        return await self._endpoint.read(self._unit, Function.HOLDING, registers)

    async def _read_block(self, block: Block) -> dict[int, int]:
        unit = self._unit if block.table.unit is None else block.table.unit
        try:
            words = await self._endpoint.read(unit, block.table.function, block.registers)
        except MeterRefused:
            if not block.optional:
                raise
            self._refused.add(block)
            return {}
        return dict(zip(block.registers, words, strict=True))

    def _forget_earlier_connection(self) -> None:
        """Another device, or another version of the same, may answer on a new connection."""
        if self._connection != self._endpoint.connections:
            self._connection = self._endpoint.connections
            self._refused.clear()
            self._located = None
