"""What a station reports of its device model, in parts of whatever order (OCPP 2.0.1, B07)."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Final

from ..fields import as_int, as_mapping, as_text, mappings
from .variables import MOST_PROFILES, STANDARD, Key, Values, as_value, key_of

_MOST_PARTS: Final = 1000


class Report:
    """One report, of which some parts may never come."""

    def __init__(self, request_id: int) -> None:
        self.request_id = request_id
        self.values: Values = {}
        self._parts: set[int] = set()
        self._last: int | None = None
        self._news = asyncio.Event()

    def take(self, payload: Mapping[str, object]) -> None:
        """Take a part; what nobody asks for is not kept."""
        number = as_int(payload.get("seq_no")) or 0
        self._parts.add(number)
        if payload.get("tbc") is not True:
            self._last = number
        for item in mappings(payload.get("report_data")):
            key = key_of(item)
            if key in _WANTED and (value := _value(key, item)) is not None:
                self.values[key] = value
        self._news.set()

    async def collect(self, patience: timedelta) -> Values:
        """Wait for all parts, or until none has come for a while, and return what there is."""
        with suppress(TimeoutError):
            while not self._is_complete:
                self._news.clear()
                async with asyncio.timeout(patience.total_seconds()):
                    await self._news.wait()
        return self.values

    @property
    def _is_complete(self) -> bool:
        has_all = self._last is not None and len(self._parts) > self._last
        return has_all or len(self._parts) >= _MOST_PARTS


_WANTED: Final = {variable.key for variable in (*STANDARD.values(), MOST_PROFILES)}


def _value(key: Key, item: Mapping[str, object]) -> str | None:
    if key == MOST_PROFILES.key:
        return as_value(as_mapping(item.get("variable_characteristics")).get("max_limit"))
    for attribute in mappings(item.get("variable_attribute")):
        if (as_text(attribute.get("type")) or "Actual") == "Actual":
            return as_value(attribute.get("value"))
    return None
