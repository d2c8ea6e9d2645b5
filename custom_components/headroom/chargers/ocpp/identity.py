"""What a station may be called."""

from typing import Final

_LONGEST: Final = 64


def is_station_id(text: str) -> bool:
    """Return whether a station can dial in with this id."""
    return 0 < len(text) <= _LONGEST and text.isprintable()
