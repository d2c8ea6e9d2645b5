"""Which integrations' sensors are recognised as a meter, as docs/meters.md shows it.

`python -m tests.repository.sensor_table` writes the table anew.
"""

from collections.abc import Iterator
from typing import Final

from custom_components.headroom.meters.presets import PRESETS, MeterPreset

from .generated import Place

PLACE: Final = Place("meters.md", "sensors")

_HEAD: Final = (
    "| Integration | Platform | Confidence | Recognised | Age | What to look out for |\n"
    "| --- | --- | --- | --- | --- | --- |\n"
)


def table() -> str:
    """Return the table in Markdown."""
    return _HEAD + "".join(f"| {' | '.join(cells)} |\n" for cells in _rows())


def _rows() -> Iterator[tuple[str, ...]]:
    for platform, presets in PRESETS.items():
        for preset in presets:
            yield (
                preset.name,
                f"`{platform}`",
                preset.confidence,
                _recognised(preset),
                f"{preset.max_age} s",
                preset.note,
            )


def _recognised(preset: MeterPreset) -> str:
    found = {
        "currents": preset.currents,
        "powers": preset.powers,
        "total": preset.total,
        "voltages": preset.voltages,
    }
    return ", ".join(name for name, names in found.items() if names)


if __name__ == "__main__":
    PLACE.write(table())
