"""What a photovoltaic plant feeds in."""

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final

from custom_components.headroom.engine.currents import PHASES, PerPhase

from .ev import VOLTAGE
from .profile import DAY, DayProfile, at

_PERFORMANCE_RATIO: Final = 0.85
_STEP_MINUTES: Final = 5
_CLEAR_SECONDS: Final = (120.0, 1500.0)
_CLOUD_SECONDS: Final = (30.0, 600.0)
_CLOUD_TRANSMITTANCE: Final = (0.2, 0.7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where on earth the site is; degrees, and a time zone by its name."""

    latitude: float
    longitude: float
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panels:
    """A photovoltaic plant: peak power in kW, tilt and azimuth in degrees (180 is south)."""

    peak_kw: float
    tilt: float = 30.0
    azimuth: float = 180.0
    phases: tuple[int, ...] = PHASES


class Sky:
    """Clouds that pass by chance, on the clock of the day."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._cloud_end = 0.0
        self._next_cloud()

    def transmittance(self, seconds: float) -> float:
        """Return the share of the clear-sky power that arrives; time never goes back."""
        while seconds >= self._cloud_end:
            self._next_cloud()
        return self._through_cloud if seconds >= self._cloud_begin else 1.0

    def _next_cloud(self) -> None:
        self._cloud_begin = self._cloud_end + self._random.uniform(*_CLEAR_SECONDS)
        self._cloud_end = self._cloud_begin + self._random.uniform(*_CLOUD_SECONDS)
        self._through_cloud = self._random.uniform(*_CLOUD_TRANSMITTANCE)


class Sun:
    """A photovoltaic plant under passing clouds."""

    def __init__(
        self, *, profile: DayProfile, random: Random, phases: tuple[int, ...] = PHASES
    ) -> None:
        self._profile = profile
        self._phases = phases
        self._sky = Sky(random)

    def advance(self, seconds_of_clock: float) -> PerPhase:
        """Return the currents fed in, in A; the clock of the day counts on over midnight."""
        clear = at(self._profile, seconds_of_clock)
        power = clear * self._sky.transmittance(seconds_of_clock)
        return PerPhase.on(self._phases, power / VOLTAGE / len(self._phases))


def clear_sky_profile(day: date, place: Place, panels: Panels) -> DayProfile:
    """Return the power of a cloudless day in W, from pvlib's simplified Solis model.

    Imports pandas and pvlib: call it once, off the event loop.
    """
    import pandas as pd  # noqa: PLC0415 - heavy, only a site with sun needs it
    from pvlib.irradiance import get_total_irradiance  # noqa: PLC0415 - as above
    from pvlib.location import Location  # noqa: PLC0415 - as above

    location = Location(place.latitude, place.longitude, place.timezone)
    times = pd.date_range(
        day.isoformat(),
        periods=int(DAY) // 60 // _STEP_MINUTES,
        freq=f"{_STEP_MINUTES}min",
        tz=place.timezone,
    )
    position = location.get_solarposition(times)
    sky = location.get_clearsky(times, model="simplified_solis", solar_position=position)
    irradiance = get_total_irradiance(
        panels.tilt,
        panels.azimuth,
        position["apparent_zenith"],
        position["azimuth"],
        sky["dni"],
        sky["ghi"],
        sky["dhi"],
    )["poa_global"].fillna(0.0)
    return tuple((irradiance * panels.peak_kw * _PERFORMANCE_RATIO).tolist())
