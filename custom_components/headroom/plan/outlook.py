"""Everything that a plan is made from, beside the cars."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from ..engine.inputs import ZoneLimit
from ..engine.site.model import Site
from ..forecasts.series import Series
from .loads import Loads


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts:
    """What is expected of the next hours; prices per kWh in one unit, power in W."""

    price: Series = field(default_factory=Series)
    export: Series = field(default_factory=Series)
    sun: tuple[Series, ...] = ()
    """Of each roof; their slots may differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restrictions:
    """What people and others outside have set that leaves cars less."""

    zones: Mapping[str, float] = field(default_factory=dict)
    """A per phase, by zone id."""
    tariffs_off: Collection[str] = ()
    """See Snapshot.tariffs_off."""
    averages: Mapping[str, float] = field(default_factory=dict)
    """W that zones with a capacity tariff may import in the mean of a period, by zone id."""
    off_peak: Collection[str] = ()
    """Connectors whose cars charge in cheap hours only."""
    asked: tuple[ZoneLimit, ...] = ()
    """What others ask of zones now; a plan counts on the end of it that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is known of the next hours of a site."""

    now: datetime
    zone: tzinfo
    site: Site
    forecasts: Forecasts
    loads: Loads
    restrictions: Restrictions = field(default_factory=Restrictions)
