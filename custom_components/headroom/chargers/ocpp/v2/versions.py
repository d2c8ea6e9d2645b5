"""Where OCPP 2.0.1 and OCPP 2.1 differ."""

import logging
from collections.abc import Mapping
from typing import override

from ocpp import v21, v201  # type: ignore[import-untyped]

from ...base import ChargerRefused, ChargerTimeout
from ..commands import LimitCommand
from ..fields import as_text
from ..library import answers
from .answers import FIXED_21, FIXED_201
from .profiles import charging_profile, offline_end
from .upkeep import Upkeep2

_LOGGER = logging.getLogger(__name__)


class Connection201(Upkeep2):
    """A charger that speaks OCPP 2.0.1."""

    subprotocol = "ocpp2.0.1"
    fixed_answers = FIXED_201
    _call = v201.call
    _call_result = v201.call_result
    _ocpp_version = "2.0.1"


class Connection21(Upkeep2):
    """A charger that speaks OCPP 2.1, whose limits can end by the loss of contact itself."""

    subprotocol = "ocpp2.1"
    fixed_answers = FIXED_21
    _call = v21.call
    _call_result = v21.call_result
    _ocpp_version = "2.1"
    _ends_offline: bool | None = None
    """Whether the charger takes such an end; None until that is known."""

    @property
    @override
    def details(self) -> Mapping[str, object]:
        return {**super().details, "limits_end_offline": self._ends_offline}

    @override
    async def install(self, command: LimitCommand) -> None:
        native = offline_end(command)
        if not native or self._ends_offline is False:
            await super().install(command)
            return
        try:
            await self._install(command, charging_profile(command) | native)
        except ChargerTimeout:
            # Some never answer what they do not know; this may be one, so the next goes without.
            if self._ends_offline is None:
                self._go_without()
            raise
        except ChargerRefused:
            if self._ends_offline:
                raise
            await super().install(command)
            self._go_without()
        else:
            self._ends_offline = True

    def _go_without(self) -> None:
        self._ends_offline = False
        _LOGGER.info("Station %s takes no limit that ends by the loss of contact", self.id)

    @answers("VatNumberValidation")
    def _on_vat_number(self, /, **payload: object) -> object:
        number = as_text(payload.get("vat_number")) or ""
        return self._call_result.VatNumberValidation(vat_number=number, status="Rejected")
