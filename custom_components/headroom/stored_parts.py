"""Reading what is stored part by part, so that one bad part takes no other with it."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

_LOGGER = logging.getLogger(__name__)


def read_part[PartT](what: str, read: Callable[[], PartT], default: PartT) -> PartT:
    """Return what is read, or the default if it cannot be, which the log tells."""
    try:
        return read()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        _LOGGER.warning("Stored %s is not usable and starts anew: %r", what, error)
        return default


def read_each[PartT](
    what: str, stored: Mapping[str, Any], read: Callable[[Any], PartT]
) -> dict[str, PartT]:
    """Return the parts that can be read, by their keys."""
    parts = {
        key: read_part(f"{what} of {key}", partial(read, one), None) for key, one in stored.items()
    }
    return {key: part for key, part in parts.items() if part is not None}
