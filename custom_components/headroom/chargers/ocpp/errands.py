"""What a charger is asked once its limits are in place; no current depends on the outcome."""

from collections.abc import Iterable

from .config import CentralSystemConfig
from .connection import Connection
from .traits import Setting


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
    """Change the intervals that Headroom relies on; return the names of those not taken."""
    intervals = (
        (Setting.METER_INTERVAL, config.meter_interval),
        (Setting.HEARTBEAT_INTERVAL, config.heartbeat_interval),
        (Setting.PING_INTERVAL, config.ping_interval),
    )
    return frozenset(
        [
            setting.value
            for setting, interval in intervals
            if not await connection.configure(setting, str(int(interval.total_seconds())))
        ]
    )
