"""All rules by name."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from custom_components.headroom.engine.sun.rules import SunRules

from ..rule import Maker
from .evcc import Evcc
from .headroom import Headroom
from .openwb import OpenWb

_SHORT_HOLDS: Final = SunRules(stop_delay=timedelta(seconds=60))

RULES: Final[Mapping[str, Maker]] = {
    "headroom": Headroom,
    "headroom-60s": lambda household, mode, begin: Headroom(household, mode, begin, _SHORT_HOLDS),
    "evcc-like": lambda household, mode, _: Evcc(household, mode),
    "openwb-like": lambda household, mode, _: OpenWb(household, mode),
}
