"""The site's coordinator: looks, lets the engine decide, commands, and publishes."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, override

from homeassistant.config_entries import SOURCE_INTEGRATION_DISCOVERY, ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_PORT
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import discovery_flow
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .analyser import SiteAnalyser
from .certificates import ENCRYPTION, SiteCertificate
from .chargers.base import ChargerInfo
from .chargers.modbus.dialect import Dialect
from .chargers.ocpp.server import CentralSystem, PortBusyError
from .chargers.ocpp.tls import TlsError
from .clock.badge_taps import take_forces
from .compliance_report import ComplianceReport, orders_of
from .const import (
    ATTR_ENTRY_ID,
    ATTR_REMOTE,
    CONF_STATION_ID,
    DOMAIN,
    FAMILY_ENTITIES,
    FAMILY_MODBUS,
    FAMILY_OCPP,
)
from .devices import register_devices
from .energy_origin import EnergyOrigin
from .engine.acting.load_table import LoadGroup, PhaseLoad
from .engine.controller import SiteController
from .engine.decision import Decision
from .engine.known.limits import speaks
from .engine.site.model import Rules, Site
from .entity_access import HomeAssistantEntities
from .equipment import Equipment
from .fallback_tests import FallbackTests
from .families import EntityFamily, ModbusFamily, OcppFamily
from .firmware import FirmwareOffer
from .grid.desk import GridDesk
from .inputs.settings import inputs_of
from .inputs.sources import SiteInputs
from .installation import (
    MUTE,
    InstallationFault,
    build_running_site,
    faults_of_dialects,
    faults_of_models,
    names_of,
)
from .journal import SiteJournal
from .memory import SiteMemory
from .meter_families import EntityMeters, ModbusMeters
from .meters.models import MeterModel
from .modbus.endpoint import EndpointPool
from .news import MANY, News
from .own_models import SiteModels
from .pace import Pace
from .parts import connector_id, rules_of
from .phase_orders import PhaseOrders
from .plan.planning import SitePlanner
from .quality_report import QualityReport
from .repairs import report_installation_faults
from .snapshots import SnapshotSource
from .stored_first import StoredFirst
from .subentry_news import SubentryNews
from .wishes import Wishes

_LOGGER = logging.getLogger(__name__)

TICK: Final = timedelta(seconds=1)
"""Longest time between two steps; meters and chargers bring them forward."""
PUBLISH_EVERY: Final = timedelta(seconds=1)
"""Setpoints that change are published at once, measurements not more often than this."""
_FAREWELL: Final = 5.0
"""Seconds that chargers get to accept their fallback when the site is unloaded."""

type HeadroomConfigEntry = ConfigEntry[SiteCoordinator]
type LoadTable = Mapping[tuple[LoadGroup, int], PhaseLoad]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteData:
    """What the last step saw and decided."""

    site: Site
    decision: Decision
    faults: tuple[InstallationFault, ...]


class SiteCoordinator(DataUpdateCoordinator[SiteData]):
    """Runs one site.

    It owns its loop, because a coordinator's own refresh stops when nobody listens: a step runs
    after every reading of a meter, every change of a charger, and at least once per TICK.
    """

    config_entry: HeadroomConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: HeadroomConfigEntry,
        memory: SiteMemory,
        models: Mapping[str, MeterModel],
        dialects: Mapping[str, Dialect],
    ) -> None:
        super().__init__(hass, _LOGGER, config_entry=entry, name=entry.title)
        self._memory = memory
        self._pace = Pace(hass.loop, self._take_step)
        self.journal = SiteJournal(hass, entry.entry_id)
        self._port: int = entry.data[CONF_PORT]
        self._listening = _listening(entry)
        self.endpoints = EndpointPool(dt_util.utcnow)
        self.central = CentralSystem(
            now=dt_util.utcnow,
            random=random.random,
            ledger=memory.ledger,
            experience=memory.experience,
            save=memory.save,
            on_unknown=self._discover,
        )
        self._dialects = dialects
        self.compliance = ComplianceReport(hass, entry)
        self.analyser = SiteAnalyser()
        self.origin = EnergyOrigin(self, memory)
        self.quality = QualityReport(hass, entry)
        self._certificate = SiteCertificate(hass, entry, self.central)
        entities = HomeAssistantEntities(hass)
        self._models = SiteModels(models)
        self.equipment = Equipment(
            families={
                FAMILY_OCPP: OcppFamily(self.central),
                FAMILY_MODBUS: ModbusFamily(
                    self.endpoints, dialects, dt_util.utcnow, memory.car_sessions
                ),
                FAMILY_ENTITIES: EntityFamily(entities, dt_util.utcnow, memory.car_sessions),
            },
            meter_families={
                FAMILY_MODBUS: ModbusMeters(self.endpoints, self._models, dt_util.utcnow),
                FAMILY_ENTITIES: EntityMeters(entities, dt_util.utcnow),
            },
            models=self._models,
            on_change=self._pace.soon,
        )
        self._inputs = SiteInputs(HomeAssistantEntities(hass), dt_util.utcnow, self._pace.soon)
        self.grid = GridDesk(hass, entry, memory)
        self.fallback_tests = FallbackTests(
            memory.proofs, lambda: self.equipment.chargers, memory.save_later
        )
        self._phase_orders = PhaseOrders(hass, entry, self.equipment)
        self.planner = SitePlanner(self, memory)
        self.snapshots = SnapshotSource(
            hass=hass,
            entry=entry,
            equipment=self.equipment,
            wishes=memory.wishes,
            inputs=self._inputs,
            load_shedding=memory.load_shedding,
            grid=self.grid,
            quality=self.quality,
            fallback_tests=self.fallback_tests,
            phase_orders=self._phase_orders,
            planner=self.planner,
        )
        site, self._faults = build_running_site(entry.subentries.values(), self._rules())
        self._controller = SiteController(site, memory.controller)
        self._stored_first = StoredFirst(hass, entry, memory, self._pace.soon)
        self._subentry_news = SubentryNews(entry)
        self._described: dict[str, ChargerInfo] = {}
        self.switching_phases: frozenset[str] = frozenset()
        """Subentry ids of the chargers that could switch phases at any time since the start."""
        self._news = News(hass.loop, lambda: self._listeners, self._tell)
        self._published_at: datetime | None = None
        self._load_tables: dict[str, LoadTable] = {}
        self._stop_ticking: Callable[[], None] | None = None

    @property
    def is_outdated(self) -> bool:
        """Return whether the port or its encryption has changed since the site was set up."""
        return self._listening != _listening(self.config_entry)

    @property
    def wishes(self) -> Wishes:
        """Return what people have set."""
        return self._memory.wishes

    @property
    def firmware(self) -> dict[str, FirmwareOffer]:
        """Return what is offered to chargers, by subentry id."""
        return self._memory.firmware

    async def async_offer_firmware(self, charger: str, offer: FirmwareOffer) -> None:
        """Keep what is offered to a charger, show it and remember it."""
        self.firmware[charger] = offer
        self._news.hurry()
        self.async_update_listeners()
        await self._memory.save()

    @callback
    def async_remember_later(self) -> None:
        """Save soon."""
        self._memory.save_later()

    async def async_start(self) -> None:
        """Connect everything and begin to decide. Raises ConfigEntryNotReady."""
        await self.journal.load()
        await self._listen()
        self._certificate.async_watch()
        await self.async_apply()
        self._stop_ticking = async_track_time_interval(
            self.hass, self._tick, TICK, name=f"Headroom {self.name}", cancel_on_shutdown=True
        )

    async def _listen(self) -> None:
        """Open the port, never without the encryption that it shall have."""
        try:
            await self.central.start(None, self._port, await self._certificate.async_load())
        except TlsError as error:
            raise ConfigEntryNotReady(
                translation_domain=DOMAIN,
                translation_key="encryption_unusable",
                translation_placeholders={"port": str(self._port), "path": str(error.path)},
            ) from error
        except PortBusyError as error:
            raise ConfigEntryNotReady(
                translation_domain=DOMAIN,
                translation_key="port_busy",
                translation_placeholders={"port": str(self._port)},
            ) from error
        except OSError as error:
            raise ConfigEntryNotReady(
                translation_domain=DOMAIN,
                translation_key="port_unusable",
                translation_placeholders={"port": str(self._port), "error": str(error)},
            ) from error

    async def async_apply(self) -> None:
        """Bring the running site in line with its entry, without stopping anything else.

        All of it happens in one turn of the loop, so that changes in a row do not mix; only the
        end of what was dropped is waited for.
        """
        if self._shutdown_requested:
            return
        items = dict(self.config_entry.subentries)
        site, faults = build_running_site(items.values(), self._rules())
        self._models.learn(items.values())
        self._faults = (
            *faults,
            *faults_of_models(items.values(), self.equipment.models),
            *faults_of_dialects(items.values(), self._dialects),
        )
        self._controller.reconfigure(site)
        self._inputs.apply(inputs_of(self.config_entry.options, items.values()))
        self._memory.forget_all_but({self.config_entry.entry_id, *names_of(items.values())})
        mute = {f.subentry_id for f in self._faults if f.key in MUTE}
        self.equipment.apply((item for key, item in items.items() if key not in mute), site)
        self._register_devices()
        report_installation_faults(self.hass, self.config_entry, self._faults)
        self._published_at = None
        self.async_step()
        self._subentry_news.tell_changed(items)
        await self.equipment.parted()

    def _rules(self) -> Rules:
        """Return the site's rules; hours are those of Home Assistant's time zone."""
        return rules_of(self.config_entry.options, dt_util.get_default_time_zone())

    @callback
    def async_on_subentry(self, listener: Callable[[ConfigSubentry], None]) -> None:
        """Call a listener for every subentry that exists, appears or changes."""
        self._subentry_news.listen(listener)

    def _register_devices(self) -> None:
        self._described = self.equipment.charger_infos()
        self.fallback_tests.meet(self._described)
        register_devices(self)

    def _announce_switching(self) -> None:
        """Tell of chargers that have just been found able to switch phases."""
        found = self.equipment.switching_phases() - self.switching_phases
        self.switching_phases |= found
        items = self.config_entry.subentries
        self._subentry_news.tell([items[key] for key in found if key in items])

    def meter_speaks(self, meter_id: str) -> bool:
        """Return whether a meter's last reading still counts."""
        meter = next((meter for meter in self.data.site.meters if meter.id == meter_id), None)
        link = self.equipment.meter(meter_id)
        reading = None if link is None else link.reading()
        return bool(meter and reading and speaks(meter, reading, dt_util.utcnow()))

    def load_table(self, zone_id: str) -> LoadTable:
        """Return how the cars of a zone stood against its budget when data was last published."""
        if zone_id not in self._load_tables:
            table = self._controller.load_table(self.data.decision, zone_id)
            self._load_tables[zone_id] = table
        return self._load_tables[zone_id]

    @callback
    def async_wishes_changed(self) -> None:
        """Act on what a person has set, show it at once and remember it."""
        self._memory.save_later()
        self._published_at = None
        self.async_step()

    @callback
    def async_test_fallback(self, charger: str) -> None:
        """Begin to test what a charger does without contact. Raises ChargerError."""
        self.fallback_tests.begin(charger, self._controller.site, dt_util.utcnow())
        self._published_at = None
        self.async_step()

    @callback
    def _tick(self, _: datetime) -> None:
        self.fallback_tests.advance(dt_util.utcnow())
        # Limits are renewed only by a site that still decides: if a step fails, leases run out.
        if self._pace.is_rested:
            self._pace.now()
        for charger in self.equipment.chargers.values():
            charger.maintain()
        self.hass.loop.call_soon(self._watch)

    @callback
    def _watch(self) -> None:
        """Look at what chargers do, in a turn of the loop of its own."""
        if self._shutdown_requested:
            return
        now, chargers = dt_util.utcnow(), self.equipment.chargers
        self.journal.look(chargers, now)
        self.origin.look(now)
        orders = orders_of(chargers, self.data.site, self.data.decision)
        news = self.compliance.look(chargers, orders, now)
        if self.quality.look(self.equipment.meters) or news:
            self._news.hurry()
            self.async_update_listeners()

    def _take_step(self) -> int:
        self.async_step()
        return len(self._controller.site.connector_by_id)

    @callback
    def async_step(self) -> None:
        """Look at the site, decide, command the chargers and publish."""
        if self._shutdown_requested:
            return
        self._heed_taps()
        decision = self._controller.step(self.snapshots.take(self._controller.site))
        if self.snapshots.end_forces(decision.spent_forces):
            self._published_at = None
        self._command(self._stored_first.cut(_currents(decision)))
        self._phase_orders.carry_out(decision)
        self._publish(decision)

    def _heed_taps(self) -> None:
        """Let cars charge at once whose drivers have asked for it with a badge."""
        if self._published_at is None:
            return
        if forced := take_forces(self.equipment.chargers, self.data.decision):
            self.wishes.forced |= forced
            self._published_at = None

    def _command(self, setpoints: Mapping[str, float]) -> None:
        """Tell the chargers; a connector that has no place in the site gets nothing."""
        for key, charger in self.equipment.chargers.items():
            for number in charger.connectors:
                charger.set_current(number, setpoints.get(connector_id(key, number), 0.0))

    def _publish(self, decision: Decision) -> None:
        now, before = dt_util.utcnow(), self._published_at
        changed = before is None or _currents(self.data.decision) != _currents(decision)
        if changed:
            self._memory.save_later()
        elif before is not None and abs(now - before) < PUBLISH_EVERY:
            return
        self._published_at = now
        if self._described != self.equipment.charger_infos():
            self._register_devices()
        self._announce_switching()
        self._load_tables = {}
        self.analyser.look(decision.zones, now)
        if before is None:
            self._news.hurry()
        self.async_set_updated_data(
            SiteData(site=self._controller.site, decision=decision, faults=self._faults)
        )

    @callback
    @override
    def async_update_listeners(self) -> None:
        """Tell the entities; those of a large site not all at once."""
        if len(self._listeners) > MANY:
            self._news.spread()
        else:
            super().async_update_listeners()

    @callback
    def _tell(self, listener: int) -> None:
        """Tell an entity, unless it has gone meanwhile."""
        if listener in self._listeners:
            self._listeners[listener][0]()

    @callback
    def _discover(self, station_id: str, remote: str | None) -> None:
        """Offer a station that nobody has added yet."""
        discovery_flow.async_create_flow(
            self.hass,
            DOMAIN,
            context={"source": SOURCE_INTEGRATION_DISCOVERY},
            data={
                CONF_STATION_ID: station_id,
                ATTR_ENTRY_ID: self.config_entry.entry_id,
                ATTR_REMOTE: remote,
            },
        )

    @override
    async def async_shutdown(self) -> None:
        """Leave every charger at its fallback and release everything."""
        if self._shutdown_requested:
            return
        await super().async_shutdown()
        if self._stop_ticking is not None:
            self._stop_ticking()
        self._pace.stop()
        self._stored_first.stop()
        self._inputs.close()
        self._news.stop()
        await self._say_farewell()
        await self.equipment.close()
        await self.central.stop()
        await self.endpoints.close()
        await self._memory.save()
        await self.journal.save()

    async def _say_farewell(self) -> None:
        fallbacks = self._controller.stand_down(dt_util.utcnow())
        self._command(self._stored_first.cut(fallbacks))
        settling = [charger.settled() for charger in self.equipment.chargers.values()]
        try:
            async with asyncio.timeout(_FAREWELL):
                await asyncio.gather(*settling)
        except TimeoutError:
            _LOGGER.debug("Not every charger has accepted its fallback; their leases run out")


def _listening(entry: ConfigEntry) -> tuple[object, ...]:
    return tuple(entry.data.get(key) for key in (CONF_PORT, *ENCRYPTION))


def _currents(decision: Decision) -> dict[str, float]:
    return {key: setpoint.current for key, setpoint in decision.setpoints.items()}
