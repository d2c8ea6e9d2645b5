"""Meter values of a connector as OCPP 1.6 words them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ..plant.ev import VOLTAGE
from ..plant.outlet import Outlet


def timestamp(time: datetime) -> str:
    """Return a time in the form of the protocol, in UTC."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def meter_value(
    outlet: Outlet, now: datetime, measurands: tuple[str, ...], *, context: str
) -> dict[str, Any]:
    """Return one meter value with the measurands that are asked for."""
    samples = [
        {**sample, "context": context, "location": "Outlet"}
        for sample in _samples(outlet)
        if sample["measurand"] in measurands
    ]
    return {"timestamp": timestamp(now), "sampled_value": samples}


def _samples(outlet: Outlet) -> Iterator[dict[str, str]]:
    terminals = range(len(outlet.wiring.phases))
    currents = outlet.terminals
    for terminal in terminals:
        phase = f"L{terminal + 1}"
        yield _sample("Current.Import", f"{currents[terminal]:.2f}", "A", phase=phase)
    for terminal in terminals:
        yield _sample("Voltage", f"{VOLTAGE:.1f}", "V", phase=f"L{terminal + 1}-N")
    yield _sample("Power.Active.Import", f"{sum(currents) * VOLTAGE:.0f}", "W")
    yield _sample("Energy.Active.Import.Register", f"{outlet.energy:.0f}", "Wh")
    yield _sample("Current.Offered", f"{outlet.offered:.1f}", "A")


def _sample(measurand: str, value: str, unit: str, **more: str) -> dict[str, str]:
    return {"measurand": measurand, "value": value, "unit": unit, **more}
