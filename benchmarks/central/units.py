"""Units behind a Modbus gateway: `python -m benchmarks.central.units --help`.

It prints the TCP port of the gateway as JSON, and stops with its input.
"""

import argparse
import asyncio
import json
import sys
from dataclasses import dataclass
from typing import Final

from pymodbus.simulator import DataType, SimData, SimDevice

from custom_components.headroom.engine.currents import PerPhase
from simulator.gateway import Gateway
from simulator.meters import MODELS
from simulator.plant.park import ZoneTotals

_SHOWN: Final = ZoneTotals(currents=PerPhase(10.0, 11.0, 12.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A meter that always shows the same, and may take its time or never answer."""

    unit: int
    delay: float
    """Seconds."""
    silent: bool
    label: str = "meter"

    def device(self) -> SimDevice:
        """Return it as pymodbus serves it."""
        data = [
            SimData(
                register.address,
                values=register.encode(_SHOWN, available=True),
                datatype=DataType.UINT16,
            )
            for register in MODELS["klefr"]
        ]
        return SimDevice(self.unit, simdata=data, action=self._wait)

    async def _wait(self, *_: object) -> None:
        await asyncio.sleep(self.delay)


async def run(arguments: argparse.Namespace) -> None:
    """Serve until standard input ends."""
    slow_from = arguments.silent + 1
    units = [
        Unit(
            unit=number,
            silent=number < slow_from,
            delay=arguments.delay if slow_from <= number < slow_from + arguments.slow else 0.0,
        )
        for number in range(1, arguments.units + 1)
    ]
    gateway = Gateway(units)
    await gateway.start()
    print(json.dumps(gateway.port), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await gateway.stop()


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=20)
    parser.add_argument("--silent", type=int, default=0, help="how many never answer")
    parser.add_argument("--slow", type=int, default=0, help="how many take their time")
    parser.add_argument("--delay", type=float, default=0.2, help="seconds that those take")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
