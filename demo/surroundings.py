"""What a house has beside Headroom: the charge and hold of its battery, prices, carbon intensity.

Prices come in the shape of Nord Pool's sensors: the price of now as the state, and those of the
day and of the next one in quarter hours as attributes.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

IMPORT_PRICE: Final = "import_price"
EXPORT_PRICE: Final = "export_price"
CARBON: Final = "carbon_intensity"

_CURVE: Final = "{{% set curve = {curve} %}}"
_NOW: Final = _CURVE + "{{{{ curve[now().hour] }}}}"
_QUARTERS: Final = (
    _CURVE
    + """\
{{% set midnight = today_at() + timedelta(days={days}) %}}
{{% set day = namespace(quarters=[]) %}}
{{% for quarter in range(96) %}}
{{% set start = midnight + timedelta(minutes=15 * quarter) %}}
{{% set end = start + timedelta(minutes=15) %}}
{{% set day.quarters = day.quarters + [{{
  'start': start.isoformat(), 'end': end.isoformat(), 'value': curve[quarter // 4]
}}] %}}
{{% endfor %}}
{{{{ day.quarters }}}}"""
)


def charge_of(zone: str) -> str:
    """Return the unique id of the sensor of a zone's battery."""
    return f"{zone}_battery_charge"


def hold_of(zone: str) -> str:
    """Return the unique id of the switch that holds a zone's battery."""
    return f"{zone}_battery_hold"


def batteries_of(site: Mapping[str, Any]) -> list[str]:
    """Return the zones that have a house battery."""
    return [zone["id"] for zone in site["zones"] if "battery" in zone]


def battery_sensors(site: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Yield a sensor of how full each house battery is, as its inverter's integration has it."""
    for zone in batteries_of(site):
        charge = f"simulator.content.batteries['{zone}'].state_of_charge"
        yield {
            "name": f"{zone.capitalize()} battery charge",
            "unique_id": charge_of(zone),
            "state": f"{{{{ ({charge} * 100) | round(1) }}}}",
            "unit_of_measurement": "%",
            "device_class": "battery",
        }


def battery_holds(site: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Yield a switch for each house battery that keeps it from giving anything."""
    for zone in batteries_of(site):
        turn_on, turn_off = (
            {"action": "rest_command.simulator_battery", "data": {"zone": zone, "held": held}}
            for held in (True, False)
        )
        yield {
            "name": f"{zone.capitalize()} battery hold",
            "unique_id": hold_of(zone),
            "state": f"{{{{ simulator.content.batteries['{zone}'].held }}}}",
            "turn_on": turn_on,
            "turn_off": turn_off,
        }


def price_sensors(site: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the sensors of prices and of carbon intensity that a site has."""
    prices = site.get("prices", {})
    found = []
    if "import" in prices:
        found.append(_price(prices["import"]))
    if "export" in prices:
        found.append(_sensor(EXPORT_PRICE, "Export price", prices["export"], "ct/kWh"))
    if "carbon" in prices:
        now = _NOW.format(curve=list(prices["carbon"]))
        found.append(_sensor(CARBON, "Carbon intensity", now, "gCO2eq/kWh"))
    return found


def _price(curve: Sequence[float]) -> dict[str, Any]:
    quarters = {
        name: _QUARTERS.format(curve=list(curve), days=days)
        for name, days in (("raw_today", 0), ("raw_tomorrow", 1))
    }
    return _sensor(IMPORT_PRICE, "Electricity price", _NOW.format(curve=list(curve)), "ct/kWh") | {
        "attributes": {**quarters, "tomorrow_valid": True, "currency": "EUR"}
    }


def _sensor(key: str, name: str, state: object, unit: str) -> dict[str, Any]:
    return {
        "name": name,
        "unique_id": key,
        "state": f"{state}",
        "unit_of_measurement": unit,
        "state_class": "measurement",
    }
