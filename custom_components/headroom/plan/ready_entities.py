"""When a car is to be ready, as people set it: on weekdays and at weekends."""

from datetime import time
from enum import StrEnum
from typing import Final, override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.components.time import TimeEntity, TimeEntityDescription

from .goal_entities import GoalSetting
from .ready_times import DAYS, DEFAULT_READY_BY, WEEKEND_DAYS, SpecialDays, ready_times


class Weekends(StrEnum):
    """Whether a car is to be ready at weekends."""

    AS_WEEKDAYS = "as_weekdays"
    OWN_TIME = "own_time"
    NEVER = "never"


READY_BY: Final = TimeEntityDescription(key="ready_by", translation_key="ready_by")
WEEKEND_READY_BY: Final = TimeEntityDescription(
    key="weekend_ready_by", translation_key="weekend_ready_by"
)
READY_AT_WEEKENDS: Final = SelectEntityDescription(
    key="ready_at_weekends", translation_key="ready_at_weekends", options=list(Weekends)
)


class _ReadySetting(GoalSetting):
    """A part of when a car is to be ready."""

    @property
    def _usual(self) -> str | None:
        return self.coordinator.wishes.ready_by.get(self._connector)

    @property
    def _special(self) -> SpecialDays:
        return self.coordinator.wishes.ready_on.get(self._connector, {})

    @property
    def _weekend(self) -> time | None:
        """Return the time of the first day of the weekend, which stands for both."""
        return ready_times(self._usual, self._special)[DAYS.index(WEEKEND_DAYS[0])]

    def _set_weekend(self, at: time | None) -> None:
        text = None if at is None else at.isoformat()
        self._set_special(self._special | dict.fromkeys(WEEKEND_DAYS, text))

    def _set_special(self, days: SpecialDays) -> None:
        self.coordinator.wishes.ready_on[self._connector] = days
        self._changed()


class ReadyBy(_ReadySetting, TimeEntity):
    """The time of day at which the car is to be ready, at weekends only if they have no own."""

    @property
    @override
    def native_value(self) -> time:
        return DEFAULT_READY_BY if self._usual is None else time.fromisoformat(self._usual)

    @override
    async def async_set_value(self, value: time) -> None:
        self.coordinator.wishes.ready_by[self._connector] = value.isoformat()
        self._set_special({day: at for day, at in self._special.items() if day in WEEKEND_DAYS})

    @override
    def _shows(self) -> object:
        return self.native_value


class WeekendReadyBy(_ReadySetting, TimeEntity):
    """The time of day at which the car is to be ready on Saturdays and Sundays."""

    @property
    @override
    def native_value(self) -> time | None:
        return self._weekend

    @override
    async def async_set_value(self, value: time) -> None:
        self._set_weekend(value)

    @override
    def _shows(self) -> object:
        return self.native_value


class ReadyAtWeekends(_ReadySetting, SelectEntity):
    """Whether the car is to be ready at weekends as on weekdays, at another time or not at all."""

    @property
    @override
    def current_option(self) -> str:
        if WEEKEND_DAYS[0] not in self._special:
            return Weekends.AS_WEEKDAYS
        return Weekends.NEVER if self._weekend is None else Weekends.OWN_TIME

    @override
    async def async_select_option(self, option: str) -> None:
        if option == Weekends.AS_WEEKDAYS:
            kept = {day: at for day, at in self._special.items() if day not in WEEKEND_DAYS}
            self._set_special(kept)
        elif option == Weekends.NEVER:
            self._set_weekend(None)
        else:
            usual = ready_times(self._usual, {})[0]
            self._set_weekend(self._weekend or usual)

    @override
    def _shows(self) -> object:
        return self.current_option
