"""What a charger is asked once its limits are in place; no current depends on the outcome."""

from collections.abc import Iterable

from .config import CentralSystemConfig
from .connection import Connection


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
    """Change the intervals that Headroom relies on; return the keys of those not taken."""
    intervals = (
        ("MeterValueSampleInterval", config.meter_interval),
        ("HeartbeatInterval", config.heartbeat_interval),
        ("WebSocketPingInterval", config.ping_interval),
    )
    return frozenset(
        [
            key
            for key, interval in intervals
            if not await connection.configure(key, str(int(interval.total_seconds())))
        ]
    )
