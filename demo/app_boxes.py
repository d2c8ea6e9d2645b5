"""Boxes that only an app can limit, as helpers of Home Assistant would make entities of them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

_STEP: Final = 1


def app_boxes(site: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the boxes of a site that speak nothing that Headroom speaks."""
    return [box for box in site.get("boxes", ()) if box["kind"] == "app"]


def sensors(box: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Yield the sensors that show what a box does."""
    yield _entity(box["id"], "status")
    for phase in range(3):
        unit = {"unit_of_measurement": "A", "device_class": "current"}
        yield _entity(box["id"], f"currents[{phase}]", key=f"current_l{phase + 1}") | unit


def limit(box: Mapping[str, Any]) -> dict[str, Any]:
    """Return the number that limits a box."""
    data = {"id": box["id"], "limit": "{{ value }}"}
    return _entity(box["id"], "setpoint", key="limit") | {
        "min": 0,
        "max": box["max"],
        "step": _STEP,
        "unit_of_measurement": "A",
        "set_value": {"action": "rest_command.simulator_box", "data": data},
    }


def _entity(box: str, value: str, *, key: str = "") -> dict[str, Any]:
    return {
        "name": f"{box} {key or value}",
        "unique_id": f"{box}_{key or value}",
        "state": f"{{{{ simulator.content.boxes['{box}'].{value} }}}}",
    }
