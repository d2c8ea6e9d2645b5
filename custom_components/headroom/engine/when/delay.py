"""The randomised delay: chargers of a region are not to begin all at once (A8.9)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from ..memory.stored import read_number, read_object, read_time, write_time


@dataclass(slots=True, kw_only=True)
class Delay:
    """The delay of one connector; it passes once before its car begins."""

    lot: float | None = None
    """Part of the longest delay, from 0 to below 1; None: not drawn yet."""
    since: datetime | None = None
    """When it begins to pass: once energy could flow."""
    is_over: bool = False
    is_spent: bool = False
    """Another one is to be drawn as soon as the car does not charge."""

    def renew(self) -> None:
        """Draw another one when it is time to."""
        self.lot, self.since, self.is_over, self.is_spent = None, None, False, False

    def follow(self, *, charging: bool) -> None:
        """Draw another one if this one is spent, but never stop a car for it that goes on."""
        if self.is_spent and not charging:
            self.renew()

    def begin_again(self) -> None:
        """Let all of it pass from the moment on at which energy could flow."""
        self.since, self.is_over = None, False

    def put_off(self) -> None:
        """Let all of it pass later, unless it has passed: energy cannot flow now."""
        if not self.is_over:
            self.since = None

    def skip(self) -> None:
        """Let energy flow without it."""
        self.is_over = True

    def expect(self, start: datetime, now: datetime, longest: timedelta, lot: float) -> datetime:
        """Return when a car begins that may charge from a moment on.

        One that passes already goes on: energy may flow from elsewhere before.
        """
        if self.is_over:
            return start
        self.lot = lot if self.lot is None else self.lot
        if self.since is None or self.since > now:
            self.since = start
        return start + self.lot * longest

    def wait(self, now: datetime, longest: timedelta, lot: float) -> datetime | None:
        """Return until when energy does not flow that otherwise could; None: it may."""
        if self.is_over:
            return None
        start = now if self.since is None else min(self.since, now)
        end = self.expect(start, now, longest, lot)
        self.since = start
        self.is_over = now >= end
        return None if self.is_over else end

    def set_back(self, leap: timedelta) -> None:
        """Follow a clock that was set back; what has passed counts as before."""
        if self.since is not None:
            self.since -= leap

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {
            "lot": self.lot,
            "since": write_time(self.since),
            "is_over": self.is_over,
            "is_spent": self.is_spent,
        }

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Return the stored delay. Raises ValueError if it is not one."""
        data = read_object(value)
        lot = data.get("lot")
        return cls(
            lot=None if lot is None else read_number(lot, 0, 1),
            since=read_time(data.get("since")),
            is_over=data.get("is_over") is True,
            is_spent=data.get("is_spent") is True,
        )
