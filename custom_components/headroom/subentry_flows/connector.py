"""The form that describes a connector of a charger."""

from typing import Final

import probatio
from homeassistant.helpers.selector import BooleanSelector

from ..const import (
    CONF_FALLBACK,
    CONF_FLOOR,
    CONF_MAX_CURRENT,
    CONF_OFFLINE,
    CONF_ORDER,
    CONF_PRIORITY,
    CONF_VIP,
    CONF_WIRING,
    DEFAULT_FLOOR,
    DEFAULT_MAX_CURRENT,
)
from ..engine.site.degraded import OfflinePolicy
from ..engine.site.wiring import Wiring
from ..parts import DEFAULT_CONNECTOR
from .car import CAR_FIELDS
from .form import Fields, current, folded, named_choice, whole_number

LOWEST_CURRENT: Final = 6.0
"""IEC 61851 cannot tell a car to take less."""
HIGHEST_CURRENT: Final = 80.0
HIGHEST_ORDER: Final = 999

SECTION_OFFLINE: Final = "lost_contact"
SECTION_PRIORITY: Final = "who_comes_first"

CONNECTOR_FIELDS: Final[Fields] = {
    probatio.Required(CONF_WIRING, default=DEFAULT_CONNECTOR.wiring.value): named_choice(
        CONF_WIRING, Wiring
    ),
    probatio.Required(CONF_MAX_CURRENT, default=DEFAULT_MAX_CURRENT): current(
        LOWEST_CURRENT, HIGHEST_CURRENT
    ),
    probatio.Required(CONF_FLOOR, default=DEFAULT_FLOOR): current(LOWEST_CURRENT, HIGHEST_CURRENT),
    **CAR_FIELDS,
    **folded(
        SECTION_OFFLINE,
        {
            probatio.Required(CONF_OFFLINE, default=DEFAULT_CONNECTOR.offline.value): named_choice(
                CONF_OFFLINE, OfflinePolicy
            ),
            probatio.Optional(CONF_FALLBACK): current(0, HIGHEST_CURRENT),
        },
    ),
    **folded(
        SECTION_PRIORITY,
        {
            probatio.Required(CONF_VIP, default=DEFAULT_CONNECTOR.vip): BooleanSelector(),
            probatio.Required(CONF_PRIORITY, default=DEFAULT_CONNECTOR.priority): BooleanSelector(),
            probatio.Optional(CONF_ORDER): whole_number(1, HIGHEST_ORDER),
        },
    ),
}
