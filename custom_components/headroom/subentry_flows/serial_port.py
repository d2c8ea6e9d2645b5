"""What the forms of meters and chargers ask about a serial port."""

from collections.abc import Mapping
from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.helpers.selector import SerialPortSelector

from ..const import (
    CONF_BAUD_RATE,
    CONF_CONNECTION,
    CONF_PARITY,
    CONF_SERIAL_PORT,
    CONF_STOP_BITS,
    CONF_UNIT,
    CONNECTION_SERIAL,
)
from ..modbus.address import SerialLine
from ..modbus.errors import ModbusUnreachable, PortUnusable
from ..modbus.line import BAUD_RATES, LineSettings, Parity
from ..parts import serial_line
from .form import Fields, Refusal, choice, named_choice, required_text, whole_number

_FIRST_UNIT: Final = 1
_LAST_UNIT: Final = 247


def is_serial(values: Mapping[str, Any]) -> bool:
    """Return whether a device is reached by a serial port."""
    return values.get(CONF_CONNECTION) == CONNECTION_SERIAL


def serial_fields(usual: LineSettings) -> Fields:
    """Return the fields of a serial port, with the settings that a device has when it is new."""
    return {
        probatio.Required(CONF_SERIAL_PORT): SerialPortSelector(),
        probatio.Required(CONF_UNIT, default=_FIRST_UNIT): whole_number(_FIRST_UNIT, _LAST_UNIT),
        probatio.Required(CONF_BAUD_RATE, default=str(usual.baud_rate)): choice(
            {str(rate): str(rate) for rate in BAUD_RATES}
        ),
        probatio.Required(CONF_PARITY, default=usual.parity.value): named_choice(
            CONF_PARITY, Parity
        ),
        probatio.Required(CONF_STOP_BITS, default=usual.stop_bits): whole_number(1, 2),
    }


def shown_serial(entered: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form of a serial port shows at first."""
    unit = entered.get(CONF_UNIT, _FIRST_UNIT)
    shown = dict(stored) if is_serial(stored) else {}
    return shown | {CONF_UNIT: unit if unit <= _LAST_UNIT else _FIRST_UNIT}


def with_serial_port(
    entered: Mapping[str, Any],
    values: Mapping[str, Any],
    entry: ConfigEntry,
    edited: ConfigSubentry | None,
) -> dict[str, Any]:
    """Return a device with its serial port, under the name that the site has for the port already.

    Raises Refusal.
    """
    device = {key: value for key, value in entered.items() if key not in {CONF_HOST, CONF_PORT}}
    port = required_text(values, CONF_SERIAL_PORT)
    try:
        line = serial_line({**values, CONF_SERIAL_PORT: port})
    except ValueError as error:
        raise Refusal("port_unusable", CONF_SERIAL_PORT) from error
    return {**device, **values, CONF_SERIAL_PORT: _known_name(line, entry, edited)}


def _known_name(line: SerialLine, entry: ConfigEntry, edited: ConfigSubentry | None) -> str:
    """Return what a port is called. Raises Refusal if another device has set it differently."""
    own = None if edited is None else edited.subentry_id
    for other in entry.subentries.values():
        if other.subentry_id == own or not is_serial(other.data):
            continue
        known = serial_line(other.data)
        if not line.shares_port_with(known):
            continue
        if line.settings != known.settings:
            raise Refusal(
                "line_conflict", CONF_BAUD_RATE, device=other.title, settings=str(known.settings)
            )
        return known.port
    return line.port


def unreachable(error: ModbusUnreachable, values: Mapping[str, Any]) -> Refusal:
    """Return what a form says of a device that could not be reached."""
    if isinstance(error, PortUnusable):
        return Refusal(f"port_{error.fault}", CONF_SERIAL_PORT)
    if is_serial(values):
        return Refusal("no_answer_on_line", CONF_SERIAL_PORT)
    return Refusal("cannot_connect", CONF_HOST)
