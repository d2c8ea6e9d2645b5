"""What files that describe Modbus devices have in common."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

import probatio
import yaml

from .line import LineSettings, parse_line
from .registers import LAST_ADDRESS

ADDRESS: Final = probatio.All(int, probatio.Range(min=0, max=LAST_ADDRESS))
"""A register as sent on the wire."""

PAUSE: Final = probatio.All(
    probatio.Any(int, float),
    probatio.Range(min=0, max=10),
    lambda seconds: timedelta(seconds=seconds),
)
"""Least time in s that a device needs between an answer and the next request."""


LINE: Final = probatio.All(str, parse_line)
"""How a device's serial line is set when it is new."""

STANDARD_LINE: Final = str(LineSettings())


class Confidence(StrEnum):
    """How well a description is founded."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


def read_folder[T](
    folder: Path, parse: Callable[[object], T], error: type[ValueError]
) -> Mapping[str, T]:
    """Read every description of a folder by the name of its file. Blocks.

    Raises `error`, as `parse` does, with the name of the file in front.
    """

    def read_file(path: Path) -> T:
        try:
            return parse(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (error, UnicodeDecodeError, yaml.YAMLError) as fault:
            raise error(f"{path.name}: {fault}") from fault

    return MappingProxyType({path.stem: read_file(path) for path in sorted(folder.glob("*.yaml"))})
