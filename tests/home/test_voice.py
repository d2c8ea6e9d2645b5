"""What people say to Home Assistant about a charger, in the words of the pages."""

from typing import Any

import pytest
import yaml
from homeassistant.components.conversation import async_converse
from homeassistant.components.conversation.const import HOME_ASSISTANT_AGENT
from homeassistant.core import Context, HomeAssistant
from homeassistant.setup import async_setup_component

from custom_components.headroom.coordinator import SiteCoordinator
from tests.repository.files import ROOT

from .conftest import RIGHT
from .life import Life

ONE = f"{RIGHT}:1"


def example() -> str:
    """Return the automation that the page shows."""
    _, after = (ROOT / "docs/automations.md").read_text("utf-8").split("## By voice")
    return after.split("```yaml")[1].split("```")[0]


@pytest.fixture
async def automation(hass: HomeAssistant, site: SiteCoordinator, life: Life) -> None:
    """Make the automation of the page for a connector of this site."""
    text = example()
    for platform, name, key in (
        ("select", "follow_the_sun", "sun_mode"),
        ("sensor", "setpoint_bound_by", "setpoint_reason"),
    ):
        entity = life.entity(platform, f"{ONE}_{key}")
        text = text.replace(f"{platform}.left_outlet_{name}", entity)
    content: dict[str, Any] = yaml.safe_load(text)
    for component in ("homeassistant", "conversation"):
        assert await async_setup_component(hass, component, {})
    assert await async_setup_component(hass, "automation", {"automation": content})
    await hass.async_block_till_done()


async def ask(hass: HomeAssistant, words: str) -> str:
    """Say something and return the answer."""
    said = await async_converse(hass, words, None, Context(), agent_id=HOME_ASSISTANT_AGENT)
    assert said.response.error_code is None
    return str(said.response.speech["plain"]["speech"])


@pytest.mark.usefixtures("automation")
async def test_a_sentence_of_the_page_changes_how_a_car_follows_the_sun(
    hass: HomeAssistant, life: Life
) -> None:
    assert await ask(hass, "charge the left outlet from the sun") == "It follows the sun"
    assert life.value("select", f"{ONE}_sun_mode") == "sun_only"


@pytest.mark.usefixtures("automation")
async def test_a_sentence_of_the_page_tells_why(hass: HomeAssistant, life: Life) -> None:
    reason = life.state("sensor", f"{ONE}_setpoint_reason").attributes["explanation"]
    assert await ask(hass, "why does the left outlet not charge") == reason
