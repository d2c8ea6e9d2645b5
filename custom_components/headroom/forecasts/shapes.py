"""Lists of future values as integrations show them: in attributes, or as the answer to an action.

Known: Nord Pool (`raw_today`, `raw_tomorrow`; the core integration's action), Octopus Energy
(`rates`), Tibber (`prices` of its action), ENTSO-e (`prices`), Amber (`forecasts`), Carbon
Intensity (`rates`), and any list of mappings with a start, perhaps an end, and a value. Their
documentation is named in docs/plan.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from math import isfinite
from typing import Any, Final

from .series import Series, Slot

LISTS: Final = (
    ("raw_today", "raw_tomorrow"),
    ("prices",),
    ("prices_today", "prices_tomorrow"),
    ("rates",),
    ("forecasts",),
    ("forecast",),
    ("data",),
)
"""Names of attributes; the first of which one holds rows counts."""
_STARTS: Final = ("start", "start_time", "from", "valid_from", "time", "datetime", "hour")
_ENDS: Final = ("end", "end_time", "to", "valid_to")
_VALUES: Final = (
    "value_inc_vat",
    "per_kwh",
    "value",
    "price",
    "total",
    "intensity_forecast",
    "intensity",
    "carbon_intensity",
)
_USUAL: Final = timedelta(hours=1)
"""How long the only row holds if it does not say."""


def series_of(attributes: Mapping[str, Any], zone: tzinfo) -> Series:
    """Return what attributes say of the future; times without an offset are those of `zone`."""
    for names in LISTS:
        rows = [row for name in names for row in _rows(attributes.get(name))]
        series = Series.of(_slots(rows, zone))
        if series.slots:
            return series
    return Series()


def series_of_rows(rows: object, zone: tzinfo) -> Series:
    """Return what a list of rows says, wherever it comes from."""
    return series_of({"data": rows}, zone)


def _rows(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        yield from (row for row in value if isinstance(row, Mapping))


def _slots(rows: Iterable[Mapping[str, Any]], zone: tzinfo) -> Iterator[Slot]:
    """Yield the rows that say something; one without an end ends where the next one begins."""
    known = sorted(_read(rows, zone), key=lambda row: row[0])
    gaps = {before[0]: after[0] - before[0] for before, after in pairwise(known)}
    usual = min((gap for gap in gaps.values() if gap), default=_USUAL)
    for start, end, value in known:
        yield Slot(start, end or start + min(gaps.get(start) or usual, usual), value)


def _read(
    rows: Iterable[Mapping[str, Any]], zone: tzinfo
) -> Iterator[tuple[datetime, datetime | None, float]]:
    for row in rows:
        start, value = _moment(_first(row, _STARTS), zone), _number(_first(row, _VALUES))
        if start is not None and value is not None:
            yield start, _moment(_first(row, _ENDS), zone), value


def _first(row: Mapping[str, Any], names: Iterable[str]) -> object:
    return next((row[name] for name in names if row.get(name) is not None), None)


def _moment(value: object, zone: tzinfo) -> datetime | None:
    """Return a time; seconds are dropped, for some tell the first second of a slot as 1.

    It is UTC, for in a zone of its own an hour that a clock shows twice would be one hour.
    """
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return None
    moment = moment.replace(second=0, microsecond=0)
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    return aware.astimezone(UTC)


def _number(value: object) -> float | None:
    try:
        number = float(value) if isinstance(value, int | float | str) else float("nan")
    except ValueError:
        return None
    return number if isfinite(number) else None
