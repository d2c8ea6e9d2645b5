"""What a site draws beside its cars, learnt from its meters minute by minute."""

from typing import TYPE_CHECKING

from homeassistant.util import dt as dt_util

from ..engine.currents import PHASES
from ..forecasts.daily import DailyProfile
from ..site_flows import power_flows
from .task import Loads

if TYPE_CHECKING:
    from ..coordinator import SiteCoordinator


class ExpectedLoads:
    """Remembers what is usual at a time of day; a restart begins anew."""

    def __init__(self, site: SiteCoordinator) -> None:
        self._site = site
        self._zones: dict[str, tuple[DailyProfile, DailyProfile, DailyProfile]] = {}
        self._house = DailyProfile()

    def sample(self) -> None:
        """Note what is drawn now."""
        now, local = dt_util.utcnow(), dt_util.get_default_time_zone()
        for key, zone in self._site.data.decision.zones.items():
            if zone.measured is None or zone.degraded:
                continue
            profiles = self._zones.setdefault(key, (DailyProfile(), DailyProfile(), DailyProfile()))
            for phase in PHASES:
                others = zone.measured[phase] - zone.drawn[phase]
                profiles[phase].note(now, others, local)
        if (house := power_flows(self._site).house) is not None:
            self._house.note(now, max(0.0, house), local)

    def expected(self) -> Loads:
        """Return what is usual."""
        return Loads(zones=self._zones, house=self._house)
