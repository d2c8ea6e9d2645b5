"""Which meters can be read, as docs/meters.md shows it.

`python -m tests.repository.meter_table` writes the table anew.
"""

from collections.abc import Iterator
from typing import Final

from custom_components.headroom.meters.model_files import load_models
from custom_components.headroom.meters.models import CurrentSign, MeterModel

from .generated import Place

PLACE: Final = Place("meters.md", "meters")

_HEAD: Final = (
    "| Model | ID | Confidence | Measures | What is known, and what to look out for |\n"
    "| --- | --- | --- | --- | --- |\n"
)


def table() -> str:
    """Return the table in Markdown."""
    return _HEAD + "".join(f"| {' | '.join(cells)} |\n" for cells in _rows())


def _rows() -> Iterator[tuple[str, ...]]:
    for model in sorted(load_models().values(), key=lambda model: model.name):
        source = " ".join(model.source.split())
        yield model.name, f"`{model.id}`", model.confidence, _measures(model), source


def _measures(model: MeterModel) -> str:
    if not model.measures_currents:
        return "a total"
    phases = f"{model.phases} phase{'s' if model.phases > 1 else ''}"
    signed = model.current_sign is CurrentSign.SIGNED
    return f"{phases}, {'signed' if signed else 'direction from power'}"


if __name__ == "__main__":
    PLACE.write(table())
