"""The least central system in a Home Assistant without Headroom: what that costs by itself."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from .bare import serve as answer
from .home import running_home


@asynccontextmanager
async def serve(stations: int) -> AsyncGenerator[int]:
    """Run it for the time of the context and give its port."""
    async with running_home(), answer(stations) as port:
        yield port
