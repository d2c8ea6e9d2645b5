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
from ..modbus.address import Framing, TcpServer, UnitAddress
from ..modbus.endpoint import EndpointPool
from ..modbus.errors import ModbusError, ModbusUnreachable
from ..parts import modbus_address
from .charger_steps import MOST_CONNECTORS, ChargerDraft, ChargerSteps
from .connections import lent_pool
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
from .meter import HIGHEST_PORT, HIGHEST_UNIT
from .serial_port import is_serial, serial_fields, shown_serial, unreachable, with_serial_port


class ModbusChargerSteps[C: FlowContext, R: FlowResult[Any, Any], H](ChargerSteps[C, R, H]):
    """The steps of a charger on Modbus: it has to answer before its connectors are asked for."""

    _entered: dict[str, Any]

    async def async_step_modbus(self, user_input: dict[str, Any] | None = None) -> R:
        """Ask for the kind of charger, its address and its zone."""
        if not terminal_zones(self._site_entry):
            return self.async_abort(reason="no_zones")
        if user_input is None:
            self._entered = self._stored_charger() or {}
            return await self._async_show_modbus()
        self._entered = user_input
        dialect = (await self._async_dialects())[user_input[CONF_DIALECT]]
        try:
            _require_connectors(dialect, user_input[CONF_CONNECTOR_COUNT])
            if is_serial(user_input):
                return await self.async_step_serial()
            return await self._async_take_modbus(
                {
                    **user_input,
                    CONF_HOST: required_text(user_input, CONF_HOST),
                    CONF_PORT: user_input.get(CONF_PORT, dialect.port),
                    CONF_UNIT: user_input.get(CONF_UNIT, dialect.unit),
                }
            )
        except Refusal as refusal:
            return await self._async_show_modbus(refusal)

    async def async_step_serial(self, user_input: dict[str, Any] | None = None) -> R:
        """Ask for the serial port of a charger that is connected to one."""
        dialect = (await self._async_dialects())[self._entered[CONF_DIALECT]]
        fields = serial_fields(dialect.line)
        refusal = None
        if user_input is not None:
            try:
                return await self._async_take_modbus(
                    with_serial_port(self._entered, user_input, self._site_entry, self._edited)
                )
            except Refusal as error:
                if error.field not in fields:
                    return await self._async_show_modbus(error)
                refusal = error
        values = user_input or shown_serial(
            {CONF_UNIT: dialect.unit, **self._entered}, self._stored
        )
        return show(self, "serial", fields, values=values, refusal=refusal)

    async def _async_show_modbus(self, refusal: Refusal | None = None) -> R:
        dialects = await self._async_dialects()
        fields: Fields = {
            probatio.Required(CONF_ZONE): zone_selector(terminal_zones(self._site_entry)),
            probatio.Required(CONF_DIALECT): choice({k: d.name for k, d in dialects.items()}),
            probatio.Required(CONF_CONNECTION, default=Framing.TCP.value): connection_choice(),
            probatio.Optional(CONF_HOST): TextSelector(),
            probatio.Optional(CONF_PORT): whole_number(1, HIGHEST_PORT),
            probatio.Optional(CONF_UNIT): whole_number(0, HIGHEST_UNIT),
            probatio.Required(CONF_CONNECTOR_COUNT, default=1): whole_number(1, MOST_CONNECTORS),
        }
        return show(self, "modbus", fields, values=self._entered, refusal=refusal)

    async def _async_take_modbus(self, values: Mapping[str, Any]) -> R:
        """Go on with a charger that answers as its kind should. Raises Refusal."""
        dialect = (await self._async_dialects())[values[CONF_DIALECT]]
        address = modbus_address(values)
        draft = ChargerDraft(
            label=f"{dialect.name} ({_place(address)})",
            identity=f"modbus_{address.identity}",
            data={
                CONF_FAMILY: FAMILY_MODBUS,
                **{key: value for key, value in values.items() if key != CONF_CONNECTOR_COUNT},
            },
            connector_count=values[CONF_CONNECTOR_COUNT],
            taken="address_taken",
        )
        self._begin(draft)
        async with lent_pool(self._site_entry) as pool:
            info = await _probe(pool, values, dialect)
        if info.model is not None:
            self._begin(replace(draft, label=f"{info.model} ({_place(address)})"))
        return await self.async_step_connector()

    async def _async_dialects(self) -> Mapping[str, Dialect]:
        return await self.hass.async_add_executor_job(load_dialects)


def _require_connectors(dialect: Dialect, count: int) -> None:
    """Raise Refusal if no charger of a kind has so many connectors."""
    if count > len(dialect.connectors):
        most = str(len(dialect.connectors))
        raise Refusal("too_many_connectors", CONF_CONNECTOR_COUNT, most=most)


def _place(address: UnitAddress) -> str:
    """Return where a charger is, as short as tells it from others."""
    server = address.server
    return server.name if isinstance(server, TcpServer) else f"{server.name} #{address.unit}"


async def _probe(pool: EndpointPool, values: Mapping[str, Any], dialect: Dialect) -> ChargerInfo:
    """Return what a charger says of itself. Raises Refusal if it is not of this kind."""
    try:
        return await probe(pool, modbus_address(values), dialect)
    except ModbusUnreachable as error:
        raise unreachable(error, values) from error
    except ModbusError as error:
        raise Refusal("wrong_device", CONF_DIALECT) from error
