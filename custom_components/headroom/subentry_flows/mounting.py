"""What the forms of meters ask about how a meter is mounted."""

from collections.abc import Mapping
from typing import Any, Final

import probatio
from homeassistant.helpers.selector import BooleanSelector

from ..const import CONF_INVERTED, CONF_SPREAD, CONF_WIRING
from ..engine.site.wiring import Wiring
from ..meters.estimate import Spread
from ..meters.measured import Mounting
from .form import Fields, Refusal, folded, named_choice

_DEFAULT: Final = Mounting()

MOUNTING_FIELDS: Final[Fields] = folded(
    "mounting",
    {
        probatio.Required(CONF_WIRING, default=_DEFAULT.wiring.value): named_choice(
            CONF_WIRING, Wiring
        ),
        probatio.Required(CONF_INVERTED, default=_DEFAULT.inverted): BooleanSelector(),
        probatio.Required(CONF_SPREAD, default=_DEFAULT.spread.value): named_choice(
            CONF_SPREAD, Spread
        ),
    },
)


def require_fitting_wiring(values: Mapping[str, Any], measured: int) -> None:
    """Raise Refusal if a meter measures more phases than its wiring has."""
    connected = len(Wiring(values[CONF_WIRING]).phases)
    if measured > connected:
        raise Refusal("wiring_too_short", measured=str(measured), connected=str(connected))
