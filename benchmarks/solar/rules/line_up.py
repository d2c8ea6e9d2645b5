"""All rules by name."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from custom_components.headroom.engine.site.model import Rules
from custom_components.headroom.engine.sun.rules import SunRules

from ..rule import Maker
from .evcc import Evcc
from .headroom import Headroom
from .openwb import OpenWb

_NO_HOLDS: Final = Rules(sun=SunRules(stop_delay=timedelta(), min_run=timedelta()))
_LONG_HOLDS: Final = Rules(sun=SunRules(stop_delay=timedelta(seconds=180)))

RULES: Final[Mapping[str, Maker]] = {
    "headroom": Headroom,
    "headroom-0s": lambda household, mode, begin: Headroom(household, mode, begin, _NO_HOLDS),
    "headroom-180s": lambda household, mode, begin: Headroom(household, mode, begin, _LONG_HOLDS),
    "headroom-vip": lambda household, mode, begin: Headroom(
        household, mode, begin, first_is_vip=True
    ),
    "evcc-like": lambda household, mode, _: Evcc(household, mode),
    "openwb-like": lambda household, mode, _: OpenWb(household, mode),
}
