"""A serial line that ends in a pseudo-terminal instead of an adapter."""

import asyncio
import os
import tty
from collections.abc import Callable
from pathlib import Path

from .line import Reply, sealed

_WRITES_MANY = 16
_COUNT_AT = 6


class PtyLine:
    """A line behind a port that can be plugged in and pulled out; tells of every request.

    A pseudo-terminal has no parity bits, and refuses to be set twice as if it had.
    """

    def __init__(self, port: Path, reply: Reply) -> None:
        self.port = port
        self.reply = reply
        self.requests: list[bytes] = []
        self.asked = asyncio.Semaphore(0)
        self._heard = b""
        self._ends: tuple[int, int] | None = None

    def plug(self) -> None:
        """Let the port appear under its name, whatever the kernel calls it this time."""
        ours, theirs = self._ends = os.openpty()
        tty.setraw(theirs)
        os.set_blocking(ours, False)
        self.port.symlink_to(os.ttyname(theirs))
        self._heard = b""
        asyncio.get_running_loop().add_reader(ours, self._hear)

    def unplug(self) -> None:
        """Let the port vanish."""
        if self._ends is None:
            return
        asyncio.get_running_loop().remove_reader(self._ends[0])
        self.port.unlink()
        for end in self._ends:
            os.close(end)
        self._ends = None

    def say(self, data: bytes) -> None:
        """Let something be heard on the line."""
        assert self._ends is not None
        os.write(self._ends[0], data)

    def _hear(self) -> None:
        assert self._ends is not None
        self._heard += os.read(self._ends[0], 4096)
        while len(self._heard) >= (length := _length(self._heard)):
            request, self._heard = self._heard[:length], self._heard[length:]
            self.requests.append(request)
            for part in self.reply(request):
                self.say(part)
            self.asked.release()


def answered_by(answer: Callable[[int, bytes], bytes], *, noise: bytes = b"") -> Reply:
    """Return the replies of devices that know unit and content only, after some noise."""
    return lambda request: [noise, sealed(request[0], *answer(request[0], request[1:-2]))]


def _length(request: bytes) -> int:
    """Return how long a request is that begins so."""
    if len(request) <= _COUNT_AT or request[1] != _WRITES_MANY:
        return 8
    return 9 + request[_COUNT_AT]
