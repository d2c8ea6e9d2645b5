"""The steps that describe a charger on Modbus."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import probatio
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.data_entry_flow import FlowContext, FlowResult
from homeassistant.helpers.selector import TextSelector

from ..chargers.base import ChargerInfo
from ..chargers.modbus.charger import probe
from ..chargers.modbus.dialect import Dialect
from ..chargers.modbus.dialect_files import load_dialects
from ..const import (
    CONF_CONNECTION,
    CONF_CONNECTOR_COUNT,
    CONF_DIALECT,
    CONF_FAMILY,
    CONF_UNIT,
    CONF_ZONE,
    FAMILY_MODBUS,
)
from ..modbus.address import Framing, UnitAddress
from ..modbus.endpoint import EndpointPool
from ..modbus.errors import ModbusError, ModbusUnreachable
from .charger_steps import MOST_CONNECTORS, ChargerDraft, ChargerSteps
from .form import (
    Fields,
    Refusal,
    choice,
    connection_choice,
    required_text,
    show,
    terminal_zones,
    whole_number,
    zone_selector,
)
from .meter import HIGHEST_PORT, HIGHEST_UNIT, lent_pool


class ModbusChargerSteps[C: FlowContext, R: FlowResult[Any, Any], H](ChargerSteps[C, R, H]):
    """The steps of a charger on Modbus: it has to answer before its connectors are asked for."""

    async def async_step_modbus(self, user_input: dict[str, Any] | None = None) -> R:
        """Ask for the kind of charger, its address and its zone."""
        zones = terminal_zones(self._site_entry)
        if not zones:
            return self.async_abort(reason="no_zones")
        dialects = await self.hass.async_add_executor_job(load_dialects)
        fields: Fields = {
            probatio.Required(CONF_ZONE): zone_selector(zones),
            probatio.Required(CONF_DIALECT): choice({k: d.name for k, d in dialects.items()}),
            probatio.Required(CONF_CONNECTION, default=Framing.TCP.value): connection_choice(),
            probatio.Required(CONF_HOST): TextSelector(),
            probatio.Optional(CONF_PORT): whole_number(1, HIGHEST_PORT),
            probatio.Optional(CONF_UNIT): whole_number(0, HIGHEST_UNIT),
            probatio.Required(CONF_CONNECTOR_COUNT, default=1): whole_number(1, MOST_CONNECTORS),
        }
        refusal = None
        if user_input is not None:
            try:
                await self._take_modbus(user_input, dialects)
            except Refusal as error:
                refusal = error
            else:
                return await self.async_step_connector()
        return show(
            self,
            "modbus",
            fields,
            values=user_input or self._stored_charger(),
            refusal=refusal,
        )

    async def _take_modbus(
        self, user_input: Mapping[str, Any], dialects: Mapping[str, Dialect]
    ) -> None:
        """Begin a charger that answers as its kind should. Raises Refusal."""
        dialect = dialects[user_input[CONF_DIALECT]]
        count = user_input[CONF_CONNECTOR_COUNT]
        if count > len(dialect.connectors):
            most = str(len(dialect.connectors))
            raise Refusal("too_many_connectors", CONF_CONNECTOR_COUNT, most=most)
        address = UnitAddress(
            required_text(user_input, CONF_HOST),
            user_input.get(CONF_PORT, dialect.port),
            user_input.get(CONF_UNIT, dialect.unit),
            Framing(user_input[CONF_CONNECTION]),
        )
        data = {
            CONF_FAMILY: FAMILY_MODBUS,
            CONF_ZONE: user_input[CONF_ZONE],
            CONF_DIALECT: user_input[CONF_DIALECT],
            CONF_CONNECTION: address.framing.value,
            CONF_HOST: address.host,
            CONF_PORT: address.port,
            CONF_UNIT: address.unit,
        }
        identity = f"modbus_{address.host}:{address.port}:{address.unit}"
        draft = ChargerDraft(
            label=f"{dialect.name} ({address.host})",
            identity=identity,
            data=data,
            connector_count=count,
            taken="address_taken",
        )
        self._begin(draft)
        info = await self._async_probe(address, dialect)
        if info.model is not None:
            self._begin(replace(draft, label=f"{info.model} ({address.host})"))

    async def _async_probe(self, address: UnitAddress, dialect: Dialect) -> ChargerInfo:
        """Read who a charger is, over the site's own connection if the site is running."""
        async with lent_pool(self._site_entry) as pool:
            return await _probe(pool, address, dialect)


async def _probe(pool: EndpointPool, address: UnitAddress, dialect: Dialect) -> ChargerInfo:
    """Return what a charger says of itself. Raises Refusal if it is not of this kind."""
    try:
        return await probe(pool, address, dialect)
    except ModbusUnreachable as error:
        raise Refusal("cannot_connect", CONF_HOST) from error
    except ModbusError as error:
        raise Refusal("wrong_device", CONF_DIALECT) from error
