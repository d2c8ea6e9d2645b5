"""What Home Assistant's own configuration adds to a simulated site."""

from collections.abc import Mapping
from typing import Any

from .app_boxes import app_boxes, limit, sensors
from .surroundings import battery_sensors, price_sensors


def helpers(site: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration for what Headroom reaches by entities only; empty if nothing is."""
    prices, polled = price_sensors(site), _polled(site)
    templates = [{"sensor": prices}] if prices else []
    if not polled:
        return {"template": templates} if templates else {}
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
                **polled,
            },
            *templates,
        ],
    }


def _polled(site: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entities that show what the simulator tells, by platform."""
    boxes = app_boxes(site)
    entities = {
        "sensor": [*(sensor for box in boxes for sensor in sensors(box)), *battery_sensors(site)],
        "number": [limit(box) for box in boxes],
    }
    return {platform: shown for platform, shown in entities.items() if shown}
