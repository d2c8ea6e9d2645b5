"""Processes that say in lines of JSON what they have seen."""

import json
import sys
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Self


class Module:
    """A module that runs in a process of its own."""

    def __init__(self, process: Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a module is spoken with through pipes")
        self._process = process
        self._input, self._output = process.stdin, process.stdout

    @classmethod
    @asynccontextmanager
    async def running(cls, *arguments: str) -> AsyncGenerator[Self]:
        """Run a module until it ends; it is told to by the end of its input."""
        process = await create_subprocess_exec(
            sys.executable, "-m", *arguments, stdin=PIPE, stdout=PIPE
        )
        module = cls(process)
        try:
            yield module
        finally:
            module._input.close()
            await process.wait()

    async def ended(self) -> None:
        """Wait until it ends by itself."""
        await self._process.wait()

    def say(self, text: str = "") -> None:
        """Send it a line."""
        self._input.write(f"{text}\n".encode())

    async def asked(self) -> Any:  # noqa: ANN401 - what a line of JSON holds
        """Return what it says to an empty line. Raises RuntimeError if it does not."""
        self.say()
        return await self.hear()

    async def hear(self) -> Any:  # noqa: ANN401 - what a line of JSON holds
        """Return the next line that it says. Raises RuntimeError if there is none."""
        if not (text := await self._output.readline()):
            raise RuntimeError("a process has ended before its time")
        return json.loads(text)
