"""What readings of a meter say against how it is set up; a person decides what to do about it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain, zip_longest
from typing import Final

from ..engine.known.power import voltage_or_nominal
from ..modbus.registers import WordOrder
from .measured import Mounting, Numbers, Values
from .models import CurrentSign, Kind, MeterModel

_TINY: Final = 1e-6
"""A, W or V; no meter shows less but 0, a floating point number with its words swapped does."""
_LIVE: Final = (80.0, 300.0)
"""V between a phase that is connected and neutral, from networks of 100 V to those of 277 V."""
_DEAD: Final = 50.0
"""V; less is a phase that is not connected, or induced."""
_ENOUGH: Final = 100.0
"""VA or W; less says nothing about units and directions."""
_FACTOR: Final = (0.3, 1.2)
"""Active by apparent power of a building, with some tolerance for readings that differ in time."""


class Hint(StrEnum):
    """What may be wrong."""

    WORD_ORDER = "word_order"
    """Values make sense with the words of numbers the other way round."""
    POWER_IN_KW = "power_in_kw"
    POWER_IN_W = "power_in_w"
    WRONG_WAY_ROUND = "wrong_way_round"
    NO_VOLTAGE = "no_voltage"
    ONLY_TOTAL = "only_total"
    """What one phase gives back is never seen."""
    NO_DIRECTION = "no_direction"
    """Currents have no sign, and no powers tell it."""
    EXPORT_BY_SETTING = "export_by_setting"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A hint, with what its text names."""

    hint: Hint
    placeholders: Mapping[str, str] = field(default_factory=dict)


def propose(
    model: MeterModel, samples: Sequence[Values], mounting: Mounting
) -> tuple[Proposal, ...]:
    """Return what some readings in a row, one at least, make likely."""
    hints = (_unit(samples), _direction(samples, mounting), _export(model, samples))
    found = [Proposal(hint) for hint in hints if hint is not None]
    if dead := _dead_phases(samples):
        found.append(Proposal(Hint.NO_VOLTAGE, {"phases": ", ".join(dead)}))
    return tuple(found)


def makes_sense(values: Values) -> bool:
    """Return whether a meter in a building can show such numbers, as far as that can be said."""
    numbers = _known(chain.from_iterable(values.values()))
    if any(0 < abs(number) < _TINY for number in numbers):
        return False
    voltages = [volts for volts in _known(values.get(Kind.VOLTAGES, ())) if volts > 1]
    return not voltages or any(_is_live(volts) for volts in voltages)


def is_convincing(values: Values) -> bool:
    """Return whether numbers make sense, and could hardly do so by chance."""
    shown = _known(values.get(Kind.VOLTAGES, values.get(Kind.CURRENTS, values.get(Kind.POWER, ()))))
    return makes_sense(values) and any(number != 0 for number in shown)


def with_words_swapped(model: MeterModel) -> MeterModel:
    """Return a model that reads the words of every number the other way round."""
    other = {WordOrder.MSW: WordOrder.LSW, WordOrder.LSW: WordOrder.MSW}
    return replace(
        model,
        quantities=tuple(replace(q, word_order=other[q.word_order]) for q in model.quantities),
    )


def _known(numbers: Iterable[float | None]) -> list[float]:
    return [number for number in numbers if number is not None]


def _is_live(voltage: float) -> bool:
    low, high = _LIVE
    return low <= voltage <= high


def _unit(samples: Sequence[Values]) -> Hint | None:
    """Compare powers with currents and voltages: they must not differ by a thousand."""
    pairs = [pair for values in samples for pair in _powers(values)]
    apparent = sum(pair[0] for pair in pairs)
    if apparent < _ENOUGH * len(samples):
        return None
    low, high = _FACTOR
    factor = sum(pair[1] for pair in pairs) / apparent
    if low <= 1000 * factor <= high:
        return Hint.POWER_IN_KW
    return Hint.POWER_IN_W if low <= factor / 1000 <= high else None


def _powers(values: Values) -> Iterator[tuple[float, float]]:
    """Yield apparent and active power, of each phase or of all together."""
    currents = values.get(Kind.CURRENTS, ())
    pairs = zip_longest(currents, values.get(Kind.VOLTAGES, ())[: len(currents)])
    apparent = [None if i is None else abs(i) * voltage_or_nominal(u or 0.0) for i, u in pairs]
    active = values.get(Kind.POWERS)
    if active is None and Kind.POWER in values:
        active, apparent = values[Kind.POWER], [sum(_known(apparent))]
    for one, other in zip(apparent, active or (), strict=False):
        if one is not None and other is not None:
            yield one, abs(other)


def _direction(samples: Sequence[Values], mounting: Mounting) -> Hint | None:
    """Tell of a meter all of whose phases give back all the time."""
    sign = -1 if mounting.inverted else 1
    powers = [sign * power for values in samples for power in _known(_of_best(values))]
    backwards = powers and all(power < -_ENOUGH for power in powers)
    return Hint.WRONG_WAY_ROUND if backwards else None


def _of_best(values: Values) -> Numbers:
    """Return what tells the direction best, in W."""
    for kind in (Kind.POWERS, Kind.POWER):
        if kind in values:
            return values[kind]
    currents = values.get(Kind.CURRENTS, ())
    return tuple(None if i is None else i * voltage_or_nominal(0.0) for i in currents)


def _dead_phases(samples: Sequence[Values]) -> list[str]:
    """Return the inputs without voltage, if others have some."""
    voltages = [values[Kind.VOLTAGES] for values in samples if Kind.VOLTAGES in values]
    by_input = list(zip(*voltages, strict=True))
    if not any(_is_live(volts) for numbers in by_input for volts in _known(numbers)):
        return []
    return [
        f"L{number}"
        for number, numbers in enumerate(by_input, start=1)
        if all(volts is None or volts < _DEAD for volts in numbers)
    ]


def _export(model: MeterModel, samples: Sequence[Values]) -> Hint | None:
    """Tell why export would not be seen, unless it has been."""
    measured = set[Kind]().union(*samples)
    if measured.isdisjoint({Kind.CURRENTS, Kind.POWERS}):
        return Hint.ONLY_TOTAL
    if Kind.POWERS not in measured and model.current_sign is CurrentSign.UNSIGNED:
        return Hint.NO_DIRECTION
    if model.may_hide_export and not any(_shows_export(values) for values in samples):
        return Hint.EXPORT_BY_SETTING
    return None


def _shows_export(values: Values) -> bool:
    flows = chain(values.get(Kind.POWERS, ()), values.get(Kind.CURRENTS, ()))
    counted = _known(values.get(Kind.ENERGY_EXPORT, ()))
    return any(flow < 0 for flow in _known(flows)) or any(energy > 0 for energy in counted)
