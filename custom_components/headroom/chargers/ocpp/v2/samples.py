"""Reading of sampled values (OCPP 2.0.1, 2.46), tolerant of what chargers make of them."""

from collections.abc import Mapping
from typing import Final

from ..fields import as_int, as_number, mappings
from ..meter_values import Sample
from ..meter_values import read_samples as read_plain_samples

_HIGHEST_EXPONENT: Final = 12


def read_samples(meter_values: object) -> list[Sample]:
    """Return the samples of a list of meter values, in its order."""
    return read_plain_samples(
        [
            {**value, "sampled_value": [_plain(v) for v in mappings(value.get("sampled_value"))]}
            for value in mappings(meter_values)
        ]
    )


def _plain(sampled: Mapping[str, object]) -> Mapping[str, object]:
    """Return a value in the shape of OCPP 1.6: its unit as a word, and no exponent."""
    unit = sampled.get("unit_of_measure")
    if not isinstance(unit, dict):
        return sampled
    value = as_number(sampled.get("value"))
    exponent = as_int(unit.get("multiplier")) or 0
    if value is None or abs(exponent) > _HIGHEST_EXPONENT:
        return {}
    return {**sampled, "value": value * 10.0**exponent, "unit": unit.get("unit")}
