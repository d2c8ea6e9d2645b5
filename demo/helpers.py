"""What Home Assistant's own configuration adds to a simulated site."""

from collections.abc import Mapping
from typing import Any

from .app_boxes import app_boxes, limit, sensors
from .surroundings import battery_holds, battery_sensors, price_sensors


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
            "simulator_box": _post(f"{control}/box", "{'id': id, 'limit': limit}"),
            "simulator_battery": _post(f"{control}/battery", "{'zone': zone, 'held': held}"),
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


def _post(url: str, content: str) -> dict[str, str]:
    return {
        "url": url,
        "method": "post",
        "content_type": "application/json",
        "payload": f"{{{{ {content} | to_json }}}}",
    }


def _polled(site: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entities that show what the simulator tells, by platform."""
    boxes = app_boxes(site)
    entities = {
        "sensor": [*(sensor for box in boxes for sensor in sensors(box)), *battery_sensors(site)],
        "number": [limit(box) for box in boxes],
        "switch": list(battery_holds(site)),
    }
    return {platform: shown for platform, shown in entities.items() if shown}
