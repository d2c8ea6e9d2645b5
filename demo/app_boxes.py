"""Boxes that only an app can limit, as helpers of Home Assistant would make entities of them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

_STEP: Final = 1


def app_boxes(site: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the boxes of a site that speak nothing that Headroom speaks."""
    return [box for box in site.get("boxes", ()) if box["kind"] == "app"]


def helpers(site: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration of Home Assistant that reads and limits these boxes."""
    boxes = app_boxes(site)
    if not boxes:
        return {}
    control = f"http://127.0.0.1:{site['control_port']}"
    return {
        "rest_command": {
            "simulator_state": {"url": f"{control}/state"},
            "simulator_box": {
                "url": f"{control}/box",
                "method": "post",
                "content_type": "application/json",
                "payload": "{{ {'id': id, 'limit': limit} | to_json }}",
            },
        },
        "template": [
            {
                "triggers": [{"trigger": "time_pattern", "seconds": "/2"}],
                "actions": [
                    {"action": "rest_command.simulator_state", "response_variable": "simulator"}
                ],
                "sensor": [sensor for box in boxes for sensor in _sensors(box["id"])],
                "number": [_limit(box) for box in boxes],
            }
        ],
    }


def _sensors(box: str) -> Iterable[dict[str, Any]]:
    yield _entity(box, "status")
    for phase in range(3):
        unit = {"unit_of_measurement": "A", "device_class": "current"}
        yield _entity(box, f"currents[{phase}]", key=f"current_l{phase + 1}") | unit


def _limit(box: Mapping[str, Any]) -> dict[str, Any]:
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
