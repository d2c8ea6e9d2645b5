"""Automations of blueprints, made as a person makes them."""

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.setup import async_setup_component

TURNS: Final = 50
"""Of the event loop, in which automations run up to their first delay."""
SOURCE: Final = Path(__file__).parents[2] / "blueprints"


def notice(action: str) -> list[dict[str, Any]]:
    """Return what sends a notice by an action."""
    return [{"action": action, "data": {"title": "{{ title }}", "message": "{{ message }}"}}]


async def use_blueprint(
    hass: HomeAssistant, config: Path, name: str, inputs: Mapping[str, Any]
) -> None:
    """Copy the blueprints and make an automation of one of them."""
    await hass.async_add_executor_job(_install, config)
    hass.config.config_dir = str(config)
    blueprint = {"path": f"headroom/{name}.yaml", "input": dict(inputs)}
    automation = {"alias": name, "use_blueprint": blueprint}
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await hass.async_block_till_done()
    state = hass.states.get(f"automation.{name}")
    assert state is not None
    assert state.state == "on"


async def start(hass: HomeAssistant) -> None:
    """Let a Home Assistant that is starting have started; automations may wait then."""
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def switch_off(hass: HomeAssistant) -> None:
    """End the automations, so that no timer of theirs outlives the test."""
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


def _install(config: Path) -> None:
    shutil.copytree(SOURCE, config / "blueprints")
