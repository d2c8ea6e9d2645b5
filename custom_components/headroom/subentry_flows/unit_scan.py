"""The steps that look for the unit id of a meter."""

import asyncio
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Final, override

import probatio
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.core import callback

from ..const import CONF_UNIT
from ..meters.models import MeterModel
from ..meters.unit_scan import UnitScan, scan_units
from ..modbus.errors import ServerUnreachable
from ..parts import modbus_address
from .connections import lent_pool
from .form import Fields, Refusal, choice, show, whole_number
from .part import PartSubentryFlow
from .serial_port import unreachable

CONF_FIRST: Final = "first_unit"
CONF_LAST: Final = "last_unit"

_LAST: Final = 247
"""The standard leaves those above to makers; who has one knows it."""
_FIELDS: Final[Fields] = {
    probatio.Required(CONF_FIRST, default=1): whole_number(1, _LAST),
    probatio.Required(CONF_LAST, default=32): whole_number(1, _LAST),
}


class UnitScanSteps(PartSubentryFlow):
    """Asks a range of units; a person chooses one of those that answer."""

    _place: Mapping[str, Any]
    """What has been entered of the meter; its unit does not count."""
    _model: MeterModel
    _scan: asyncio.Task[UnitScan]
    _scans: tuple[asyncio.Task[UnitScan], ...] = ()
    """The same once there is one."""

    @abstractmethod
    async def _async_found(self, data: Mapping[str, Any]) -> SubentryFlowResult:
        """Go on with a meter whose unit has been chosen."""

    @abstractmethod
    async def _async_show_meter(self, refusal: Refusal | None = None) -> SubentryFlowResult:
        """Show the form of the meter again."""

    async def _async_search(
        self, place: Mapping[str, Any], model: MeterModel
    ) -> SubentryFlowResult:
        """Begin to look for the unit of a meter."""
        self._place, self._model = place, model
        return await self.async_step_scan()

    async def async_step_scan(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask which units to look at."""
        if user_input is None:
            return self._ask_for_range()
        if user_input[CONF_LAST] < user_input[CONF_FIRST]:
            return self._ask_for_range(Refusal("no_units", CONF_LAST), user_input)
        units = range(user_input[CONF_FIRST], user_input[CONF_LAST] + 1)
        self._scan = self.hass.async_create_task(
            self._async_scan(units), "Headroom looks for a meter", eager_start=False
        )
        self._scans = (self._scan,)
        return await self.async_step_scanning()

    async def async_step_scanning(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show how far the search is."""
        if not self._scan.done():
            return self.async_show_progress(
                step_id="scanning", progress_action="scanning", progress_task=self._scan
            )
        return self.async_show_progress_done(next_step_id="scanned")

    async def async_step_scanned(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Offer the units that answered."""
        if user_input is not None:
            return await self._async_found({**self._place, CONF_UNIT: int(user_input[CONF_UNIT])})
        try:
            found = self._scan.result()
        except ServerUnreachable as error:
            return await self._async_show_meter(unreachable(error, self._place))
        units = (*found.meters, *found.others)
        if not units:
            return self._ask_for_range(Refusal("nobody_answers"))
        fields: Fields = {
            probatio.Required(CONF_UNIT, default=str(units[0])): choice(
                {str(unit): str(unit) for unit in units}
            )
        }
        others = ", ".join(map(str, found.others)) or "-"
        return show(self, "scanned", fields, values=None, refusal=None, others=others)

    @callback
    @override
    def async_remove(self) -> None:
        """Stop to search when the form is closed."""
        for scan in self._scans:
            scan.cancel()

    def _ask_for_range(
        self, refusal: Refusal | None = None, values: Mapping[str, Any] | None = None
    ) -> SubentryFlowResult:
        return show(self, "scan", _FIELDS, values=values, refusal=refusal)

    async def _async_scan(self, units: Sequence[int]) -> UnitScan:
        async with lent_pool(self._site_entry) as pool:
            server = modbus_address(self._place).server
            async with pool.lend(server, pause=self._model.pause) as endpoint:
                return await scan_units(endpoint, self._model, units, self.async_update_progress)
