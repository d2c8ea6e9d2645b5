"""All rules by name."""

from collections.abc import Mapping
from typing import Final

from ..rule import Maker
from .evcc import Evcc
from .openwb import OpenWb

RULES: Final[Mapping[str, Maker]] = {
    "evcc-like": lambda household, mode, _: Evcc(household, mode),
    "openwb-like": lambda household, mode, _: OpenWb(household, mode),
}
