"""What a charger is asked once its limits are in place; no current depends on the outcome."""

from collections.abc import Iterable
from typing import Final

from .config import CentralSystemConfig
from .connection import Connection

_MEASURANDS: Final = (
    "Current.Import,Power.Active.Import,Energy.Active.Import.Register,Voltage,Current.Offered",
    "Current.Import,Power.Active.Import,Energy.Active.Import.Register,Voltage",
    "Current.Import,Energy.Active.Import.Register",
)
"""From the full list to the least: some chargers refuse a list for one name in it."""


async def ask_each(connection: Connection, message: str, connectors: Iterable[int]) -> None:
    """Ask for a message of each connector."""
    for connector in connectors:
        await connection.trigger(message, connector)


async def ask_everything(connection: Connection, connectors: Iterable[int]) -> None:
    """Ask a charger that did not introduce itself for all that it would have told."""
    numbers = tuple(connectors)
    await connection.trigger("BootNotification")
    await ask_each(connection, "StatusNotification", numbers)
    await ask_each(connection, "MeterValues", numbers)


async def configure(connection: Connection, config: CentralSystemConfig) -> frozenset[str]:
    """Change the settings that Headroom relies on; return the keys of those not taken."""
    taken = {
        "MeterValuesSampledData": await _choose_measurands(connection),
    } | {
        key: await connection.configure(key, str(int(interval.total_seconds())))
        for key, interval in (
            ("MeterValueSampleInterval", config.meter_interval),
            ("HeartbeatInterval", config.heartbeat_interval),
            ("WebSocketPingInterval", config.ping_interval),
        )
    }
    return frozenset(key for key, is_taken in taken.items() if not is_taken)


async def _choose_measurands(connection: Connection) -> bool:
    for measurands in _MEASURANDS:
        if await connection.configure("MeterValuesSampledData", measurands):
            return True
    return False
