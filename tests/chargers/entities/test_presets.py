"""The entities by which chargers of other integrations are recognised."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from custom_components.headroom.chargers.entities.presets import PRESETS, Preset
from custom_components.headroom.chargers.entities.status import normal, status_of
from custom_components.headroom.engine.snapshot import ConnectorStatus

IN_CORE = [platform for platform, preset in PRESETS.items() if preset.confidence == "source"]


def names(preset: Preset) -> list[str]:
    """Return the names of all entities of a preset."""
    single = (
        preset.limit,
        preset.switch,
        preset.phases,
        preset.status,
        preset.power,
        preset.energy,
        preset.session_energy,
    )
    return [name for name in (*single, *preset.currents) if name is not None]


@pytest.mark.parametrize("platform", IN_CORE)
def test_the_integration_has_the_entities(platform: str) -> None:
    spec = find_spec(f"homeassistant.components.{platform}")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    constants = (folder / "const.py").read_text("utf-8")
    for name in names(PRESETS[platform]):
        domain, _, key = name.partition(":")
        assert f'"{key}"' in (folder / f"{domain}.py").read_text("utf-8") + constants, name


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_a_preset_can_be_used(preset: Preset) -> None:
    assert preset.confidence in {"source", "old source"}
    assert len(preset.currents) in {0, 1, 3}
    assert preset.limit.startswith(("number:", "select:"))
    assert all(word == normal(word) for word in preset.words)
    assert ConnectorStatus.UNKNOWN not in preset.words.values()


def test_words_of_an_integration() -> None:
    words = PRESETS["wallbox"].words
    assert status_of("Locked, car connected", words) is ConnectorStatus.SUSPENDED_EVSE
    assert status_of("Waiting in queue by Eco-Smart", words) is ConnectorStatus.SUSPENDED_EVSE
    assert status_of("Locked", words) is ConnectorStatus.UNAVAILABLE
    assert status_of("suspended", PRESETS["peblar"].words) is ConnectorStatus.SUSPENDED_EV
