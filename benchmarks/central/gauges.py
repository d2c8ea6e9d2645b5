"""What a server's process spends, and how late its event loop is."""

import asyncio
import gc
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from benchmarks.markdown import percentile

_BEAT: Final = 0.005
"""Seconds."""
_NOTABLE: Final = 0.001
"""Seconds; shorter collections of garbage are not kept."""
_OLDEST: Final = 2
"""Generation of the objects that have lived through collections."""
_MEBIBYTE: Final = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was seen in one phase; lags in ms."""

    cpu: float
    """Seconds of all threads."""
    memory: float
    """MiB that are resident at its end."""
    lag_p99: float
    lag_max: float
    collections: int
    """Full collections of garbage, which go through all of the process's objects."""
    collection_max: float
    """The longest pause for a collection of garbage, which holds up all threads, in ms."""
    rest_max: float
    """The longest lag without such pauses."""
    work_max: float
    """The most that the loop's thread computed in one lag without them; others did the rest."""

    @classmethod
    def of(cls, figures: dict[str, Any]) -> Self:
        """Read what another process has printed."""
        return cls(**figures)


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of time in s, and how much of it the loop's thread computed."""

    begin: float
    end: float
    work: float = 0.0

    @property
    def length(self) -> float:
        return self.end - self.begin

    def shared_with(self, other: _Span) -> float:
        return max(0.0, min(self.end, other.end) - max(self.begin, other.begin))


class Gauges:
    """Looks at the process that it is in, from its event loop."""

    def __init__(self) -> None:
        self._cpu = time.process_time()
        self._lags: list[_Span] = []
        self._collections: list[_Span] = []
        self._collecting_since = 0.0
        self._full = 0
        gc.callbacks.append(self._time_collection)

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Ask to be called at a steady pace, for ever."""
        due = time.monotonic() + _BEAT
        loop.call_at(due, self._note, loop, due, time.thread_time())

    def _note(self, loop: asyncio.AbstractEventLoop, due: float, worked: float) -> None:
        """Note how late a call is."""
        now = max(due, time.monotonic())
        self._lags.append(_Span(due, now, min(now - due, time.thread_time() - worked)))
        self.watch(loop)

    def take(self) -> Figures:
        """Return what was seen since the last call."""
        now = time.process_time()
        lags = sorted(self._lags or [_Span(0, 0)], key=lambda lag: lag.length)
        figures = Figures(
            cpu=now - self._cpu,
            memory=_resident(),
            lag_p99=1000 * percentile(lags, 0.99).length,
            lag_max=1000 * lags[-1].length,
            collections=self._full,
            collection_max=1000 * max((c.length for c in self._collections), default=0.0),
            rest_max=1000 * max(lag.length - self._collecting(lag) for lag in lags),
            work_max=1000 * max(lag.work - self._collecting(lag) for lag in lags),
        )
        self._cpu, self._lags, self._collections, self._full = now, [], [], 0
        return figures

    def _collecting(self, lag: _Span) -> float:
        return sum(lag.shared_with(collection) for collection in self._collections)

    def _time_collection(self, phase: str, info: dict[str, int]) -> None:
        now = time.monotonic()
        if phase == "start":
            self._collecting_since = now
            self._full += info["generation"] == _OLDEST
        elif now - self._collecting_since > _NOTABLE:
            self._collections.append(_Span(self._collecting_since, now))


def _resident() -> float:
    """Return the MiB of this process that are in memory (Linux)."""
    status = Path("/proc/self/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024 / _MEBIBYTE
