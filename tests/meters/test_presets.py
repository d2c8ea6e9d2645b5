"""The sensors by which the meters of other integrations are recognised."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from custom_components.headroom.meters.presets import PRESETS, MeterPreset

ALL = [(platform, preset) for platform, presets in PRESETS.items() for preset in presets]
IN_CORE = [(platform, preset) for platform, preset in ALL if preset.confidence == "source"]
PART = re.compile(r"^(?:em|em1|emdata):0-|^emeter_\d-|_l[123]$")
"""What an integration adds to a name by itself."""


def names(preset: MeterPreset) -> list[str]:
    """Return the names of all sensors of a preset."""
    single = (preset.total, preset.total_back, preset.energy_import, preset.energy_export)
    phases = (*preset.currents, *preset.powers, *preset.powers_back, *preset.voltages)
    return [name for name in (*single, *phases) if name is not None]


@pytest.mark.parametrize(("platform", "preset"), IN_CORE, ids=lambda value: str(value)[:40])
def test_the_integration_has_the_sensors(platform: str, preset: MeterPreset) -> None:
    spec = find_spec(f"homeassistant.components.{platform}")
    assert spec is not None
    assert spec.origin is not None
    files = Path(spec.origin).parent.glob("*.py")
    code = "".join(file.read_text("utf-8") for file in files)
    for name in names(preset):
        assert {f'"{name}"', f'"{PART.sub("", name)}"'} & set(re.findall(r'"\w+"', code)), name


@pytest.mark.parametrize(("platform", "preset"), ALL, ids=lambda value: str(value)[:40])
def test_a_preset_can_be_used(platform: str, preset: MeterPreset) -> None:
    assert preset.confidence in {"source", "old source", "names"}
    assert preset.currents or preset.powers or preset.total
    for phases in (preset.currents, preset.powers, preset.voltages):
        assert len(phases) in {0, 1, 3}
    assert len(preset.powers_back) in {0, len(preset.powers)}
    assert preset.total or not preset.total_back
    assert len(names(preset)) == len(set(names(preset)))
    assert 2 <= preset.max_age <= 600
