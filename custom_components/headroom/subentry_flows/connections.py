"""The Modbus connections that forms use."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.util import dt as dt_util

from ..modbus.endpoint import EndpointPool


@asynccontextmanager
async def lent_pool(entry: ConfigEntry) -> AsyncIterator[EndpointPool]:
    """Lend the connections of a site that is running, else some that end with the use."""
    if entry.state is ConfigEntryState.LOADED:
        yield entry.runtime_data.endpoints
        return
    async with temporary_pool() as pool:
        yield pool


@asynccontextmanager
async def temporary_pool() -> AsyncIterator[EndpointPool]:
    """Lend connections that end with the use."""
    pool = EndpointPool(dt_util.utcnow)
    try:
        yield pool
    finally:
        await pool.close()
