"""Cheap hours and the random delay as the options of a site describe them."""

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any, Final

from ..const import CONF_CLOCK
from ..engine.when.off_peak import ClockRules, WeekendRule, Window

OFF_PEAK: Final = "off_peak"
FIRST_START: Final = "first_start"
FIRST_END: Final = "first_end"
SECOND: Final = "second"
SECOND_START: Final = "second_start"
SECOND_END: Final = "second_end"
WEEKEND: Final = "weekend"
CONTINUES: Final = "continues"
LONGEST_DELAY: Final = "longest_delay"
DELAYS_END: Final = "delays_end"
RESUMES: Final = "resumes"

PROPOSED: Final[Mapping[str, Any]] = {
    OFF_PEAK: True,
    FIRST_START: "11:00:00",
    FIRST_END: "16:00:00",
    SECOND: True,
    SECOND_START: "22:00:00",
    SECOND_END: "08:00:00",
    WEEKEND: WeekendRule.OFF_PEAK.value,
    CONTINUES: False,
    LONGEST_DELAY: 600,
    DELAYS_END: False,
    RESUMES: True,
}
"""What the form shows to a site that has never set them (A8.6)."""
BRITISH: Final[Mapping[str, Any]] = {**PROPOSED, DELAYS_END: True}
"""What a new site begins with where the regulations of 2021 apply: they delay the stop as well."""


def clock_of(options: Mapping[str, Any]) -> ClockRules:
    """Return the rules of a site. One that has set nothing has no delay."""
    stored = options.get(CONF_CLOCK)
    return ClockRules() if stored is None else clock_rules(stored)


def clock_rules(values: Mapping[str, Any]) -> ClockRules:
    """Return the rules that the values of the form mean. Raises ValueError if they cannot be."""
    windows = [window_of(values, FIRST_START, FIRST_END)]
    if values[SECOND]:
        windows.append(window_of(values, SECOND_START, SECOND_END))
    return ClockRules(
        windows=tuple(windows),
        weekend=WeekendRule(values[WEEKEND]),
        continues=values[CONTINUES],
        longest_delay=timedelta(seconds=values[LONGEST_DELAY]),
        delays_end=values[DELAYS_END],
        resumes=values[RESUMES],
    )


def window_of(values: Mapping[str, Any], start: str, end: str) -> Window:
    """Return a window between two fields."""
    return time.fromisoformat(values[start]), time.fromisoformat(values[end])


def waits_by_default(options: Mapping[str, Any]) -> bool:
    """Return whether connectors wait for cheap hours that nobody has set otherwise."""
    return bool(options.get(CONF_CLOCK, {}).get(OFF_PEAK))
