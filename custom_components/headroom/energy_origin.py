"""Watches where the energy of a site's cars comes from, and what it costs."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from .chargers.base import ConnectorData, Session
from .const import CONF_CARBON_ENTITY, CONF_EXPORT_PRICE_ENTITY, CONF_PRICE_ENTITY
from .engine.site.model import MeterRole
from .entity_access import HomeAssistantEntities
from .entity_state import EntityState
from .memory import SiteMemory
from .origin.account import Draw
from .origin.ledger import OriginLedger
from .origin.mix import GRID, Mix, mixes
from .origin.parts import Rates
from .origin.rates import intensity_factor, price_factor, rate
from .parts import connector_id
from .power_flows import power_drawn
from .site_flows import power_flows

if TYPE_CHECKING:
    from .coordinator import SiteCoordinator

_SAVE_EVERY: Final = timedelta(minutes=5)
"""What a crash loses of a session that runs is counted later, as energy of unknown origin."""
_OWN_SOURCES: Final = frozenset({MeterRole.SOLAR, MeterRole.BATTERY})


class EnergyOrigin:
    """Splits what the connectors of one running site draw."""

    def __init__(self, site: SiteCoordinator, memory: SiteMemory) -> None:
        self._site = site
        self._memory = memory
        self._access = HomeAssistantEntities(site.hass)
        self._saved_at: datetime | None = None
        self._ended: dict[str, tuple[Session, ...]] = {}
        """Sessions that have been over at the last look, by connector."""

    @property
    def ledger(self) -> OriginLedger:
        """Return what has been counted."""
        return self._memory.origin

    def look(self, now: datetime) -> None:
        """Count what was drawn since the last look."""
        draws = dict(self._draws())
        grown = self.ledger.look(draws, self._mixes(draws), self._rates(), now)
        ended = {key: draw.ended for key, draw in draws.items() if draw.ended}
        due = self._saved_at is None or abs(now - self._saved_at) >= _SAVE_EVERY
        if ended != self._ended or (grown and due):
            self._ended = ended
            self._saved_at = now
            self._memory.save_later()

    def _draws(self) -> Iterator[tuple[str, Draw]]:
        for key, charger in self._site.equipment.chargers.items():
            for number, data in charger.connectors.items():
                yield connector_id(key, number), _draw_of(data)

    def _mixes(self, draws: dict[str, Draw]) -> dict[str, Mix]:
        site = self._site.data.site
        if not any(meter.role in _OWN_SOURCES for meter in site.meters):
            return dict.fromkeys(draws, GRID)
        powers = {key: draw.power or 0.0 for key, draw in draws.items()}
        return mixes(power_flows(self._site), powers, self._site.data.decision.sun.shares)

    def _rates(self) -> Rates:
        exported = CONF_EXPORT_PRICE_ENTITY in self._site.config_entry.options
        return Rates(
            grid=rate(self._shown(CONF_PRICE_ENTITY), price_factor),
            own=rate(self._shown(CONF_EXPORT_PRICE_ENTITY), price_factor) if exported else 0.0,
            carbon=rate(self._shown(CONF_CARBON_ENTITY), intensity_factor),
        )

    def _shown(self, option: str) -> EntityState | None:
        entity = self._site.config_entry.options.get(option)
        return None if entity is None else self._access.state(entity)


def _draw_of(data: ConnectorData) -> Draw:
    return Draw(session=data.session, ended=data.ended, power=power_drawn(data))
