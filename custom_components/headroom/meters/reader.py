"""Reading the quantities of one model from one unit."""

from ..modbus.endpoint import ModbusEndpoint
from .base import MeterRefused
from .blocks import Block, plan_blocks
from .decode import Values, decode_image
from .models import Kind, MeterModel


class UnitReader:
    """Reads a meter and remembers what it refused."""

    def __init__(self, endpoint: ModbusEndpoint, unit: int, model: MeterModel) -> None:
        self._endpoint = endpoint
        self._unit = unit
        self._model = model
        self._refused: set[Block] = set()
        self._connection = 0

    async def read(self, kinds: frozenset[Kind]) -> Values:
        """Return those of some quantities that the meter has. Raises MeterError."""
        image: dict[int, int] = {}
        for block in plan_blocks(self._model, kinds):
            if not self._is_refused(block):
                image |= await self._read_block(block)
        return decode_image(self._model, image)

    async def _read_block(self, block: Block) -> dict[int, int]:
        try:
            words = await self._endpoint.read(self._unit, self._model.function, block.registers)
        except MeterRefused:
            if not block.optional:
                raise
            self._refused.add(block)
            return {}
        return dict(zip(block.registers, words, strict=True))

    def _is_refused(self, block: Block) -> bool:
        """Return whether the device refused a block since it was connected."""
        if self._connection != self._endpoint.connections:
            self._connection = self._endpoint.connections
            self._refused.clear()
        return block in self._refused
