"""The parts of the engine's site, each from its own subentry.

Keys that are not stored stand for the engine's own defaults: subentries keep what their form had
when they were saved.
"""

from collections.abc import Mapping
from datetime import timedelta, tzinfo
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_HOST, CONF_PORT

from .clock.settings import clock_of
from .const import (
    CONF_ASSUMED_L1,
    CONF_ASSUMED_L2,
    CONF_ASSUMED_L3,
    CONF_BAUD_RATE,
    CONF_CLUSTER_MAX,
    CONF_CONNECTION,
    CONF_CONNECTOR,
    CONF_CONNECTORS,
    CONF_CONTRACTED_POWER,
    CONF_DEGRADED,
    CONF_FALLBACK,
    CONF_FAMILY,
    CONF_FIFO_PERCENT,
    CONF_FLOOR,
    CONF_LIMIT_L1,
    CONF_LIMIT_L2,
    CONF_LIMIT_L3,
    CONF_LOW_DRAW,
    CONF_MARGIN,
    CONF_MAX_AGE,
    CONF_MAX_CURRENT,
    CONF_OFFLINE,
    CONF_ORDER,
    CONF_PARENT,
    CONF_PARITY,
    CONF_PERIOD,
    CONF_PRIORITY,
    CONF_PRIORITY_HOURS,
    CONF_PROTECTION,
    CONF_RETRIES,
    CONF_RETRY_PERIOD,
    CONF_ROLE,
    CONF_SCALE_FALLBACK,
    CONF_SERIAL_PORT,
    CONF_SHARING,
    CONF_SHEDDING,
    CONF_STATE_B,
    CONF_STOP_BITS,
    CONF_STOPS,
    CONF_SUPPLY,
    CONF_UNBALANCE,
    CONF_UNIT,
    CONF_VIP,
    CONF_WAIT,
    CONF_WIRING,
    CONF_ZONE,
    CONNECTION_SERIAL,
    FAMILY_ENTITIES,
)
from .engine.cars.asleep import QueuePolicy
from .engine.cars.wear import WearPolicy
from .engine.currents import PerPhase
from .engine.site.breaker import ProtectiveDevice
from .engine.site.degraded import OfflinePolicy
from .engine.site.model import (
    Charger,
    Connector,
    Meter,
    MeterRole,
    Rules,
    SharingMode,
    Supply,
    Zone,
)
from .engine.site.wiring import Wiring
from .engine.turns.rotation import SheddingPriority
from .grid.settings import peaks_of, schemes_of
from .modbus.address import Framing, ModbusServer, SerialLine, TcpServer, UnitAddress
from .modbus.line import LineSettings, Parity
from .sun.settings import spared, sun_of

DEFAULT_ZONE: Final = Zone(id="", limit=PerPhase())
DEFAULT_CONNECTOR: Final = Connector(id="")
DEFAULT_RULES: Final = Rules()

SHARES_AS_ABOVE: Final = "inherit"
"""Sharing of a zone that has no mode of its own."""

SHORTEST_MAX_AGE: Final = timedelta(seconds=5)
"""A reading may be this old, or two polling periods if they are longer, before it is silence."""

_W_PER_KW: Final = 1000
_PERCENT: Final = 100


def modbus_address(data: Mapping[str, Any]) -> UnitAddress:
    """Return where the meter or charger of a subentry is."""
    return UnitAddress(_modbus_server(data), data[CONF_UNIT])


def _modbus_server(data: Mapping[str, Any]) -> ModbusServer:
    connection = data.get(CONF_CONNECTION, Framing.TCP)
    if connection == CONNECTION_SERIAL:
        return serial_line(data)
    return TcpServer(data[CONF_HOST], data[CONF_PORT], Framing(connection))


def serial_line(data: Mapping[str, Any]) -> SerialLine:
    """Return the serial port of a subentry and how it is set. Raises ValueError."""
    rate, parity = int(data[CONF_BAUD_RATE]), Parity(data[CONF_PARITY])
    return SerialLine(data[CONF_SERIAL_PORT], LineSettings(rate, parity, data[CONF_STOP_BITS]))


def connector_id(subentry_id: str, number: int) -> str:
    """Return the id of a charger's connector; the first has number 1."""
    return f"{subentry_id}:{number}"


def zone_of(item: ConfigSubentry) -> Zone:
    """Return the zone that a subentry describes."""
    data = item.data
    share = data.get(CONF_FIFO_PERCENT)
    power = data.get(CONF_CONTRACTED_POWER)
    return Zone(
        id=item.subentry_id,
        limit=PerPhase(data[CONF_LIMIT_L1], data[CONF_LIMIT_L2], data[CONF_LIMIT_L3]),
        parent=data.get(CONF_PARENT),
        supply=Supply(data[CONF_SUPPLY]),
        degraded=data[CONF_DEGRADED],
        assumed_loads=_assumed_loads(data),
        margin=data.get(CONF_MARGIN, DEFAULT_ZONE.margin),
        cluster_max=data.get(CONF_CLUSTER_MAX),
        power=None if power is None else power * _W_PER_KW,
        unbalance=data.get(CONF_UNBALANCE),
        protection=ProtectiveDevice(data.get(CONF_PROTECTION, DEFAULT_ZONE.protection)),
        sharing=_sharing(data.get(CONF_SHARING, SHARES_AS_ABOVE)),
        fifo_share=DEFAULT_ZONE.fifo_share if share is None else share / _PERCENT,
        scale_fallback=data.get(CONF_SCALE_FALLBACK, DEFAULT_ZONE.scale_fallback),
    )


def meter_of(item: ConfigSubentry) -> Meter:
    """Return the meter that a subentry describes."""
    return Meter(
        id=item.subentry_id,
        zone=item.data[CONF_ZONE],
        role=MeterRole(item.data.get(CONF_ROLE, MeterRole.SUPPLY)),
        connector=item.data.get(CONF_CONNECTOR),
        max_age=_max_age(item.data),
    )


def charger_of(item: ConfigSubentry) -> Charger:
    """Return the charger that a subentry describes."""
    return Charger(
        id=item.subentry_id,
        zone=item.data[CONF_ZONE],
        connectors=tuple(
            _connector(connector_id(item.subentry_id, number), data)
            for number, data in enumerate(item.data[CONF_CONNECTORS], start=1)
        ),
    )


def rules_of(options: Mapping[str, Any], time_zone: tzinfo) -> Rules:
    """Return the rules that the options of a site's entry describe."""
    queue, wear = DEFAULT_RULES.queue, DEFAULT_RULES.wear
    return Rules(
        shedding=SheddingPriority(options.get(CONF_SHEDDING, DEFAULT_RULES.shedding)),
        queue=QueuePolicy(
            state_b=options.get(CONF_STATE_B, queue.state_b),
            low_draw=options.get(CONF_LOW_DRAW, queue.low_draw),
            wait=_span(options, CONF_WAIT, queue.wait),
            retries=options.get(CONF_RETRIES, queue.retries),
            retry_period=_span(options, CONF_RETRY_PERIOD, queue.retry_period),
        ),
        wear=spared(WearPolicy(stops=options.get(CONF_STOPS, wear.stops)), options),
        sun=sun_of(options),
        priority_hours=frozenset(int(hour) for hour in options.get(CONF_PRIORITY_HOURS, ())),
        time_zone=time_zone,
        peaks=peaks_of(options),
        schemes=schemes_of(options),
        clock=clock_of(options),
    )


def _connector(connector: str, data: Mapping[str, Any]) -> Connector:
    return Connector(
        id=connector,
        wiring=Wiring(data[CONF_WIRING]),
        max_current=data[CONF_MAX_CURRENT],
        floor=data[CONF_FLOOR],
        offline=OfflinePolicy(data.get(CONF_OFFLINE, DEFAULT_CONNECTOR.offline)),
        fallback=data.get(CONF_FALLBACK),
        vip=data.get(CONF_VIP, DEFAULT_CONNECTOR.vip),
        priority=data.get(CONF_PRIORITY, DEFAULT_CONNECTOR.priority),
        order=data.get(CONF_ORDER),
    )


def _max_age(data: Mapping[str, Any]) -> timedelta:
    """Return how old a reading may be: as a person has chosen, or after so many missed polls."""
    if data.get(CONF_FAMILY) == FAMILY_ENTITIES:
        return timedelta(seconds=data[CONF_MAX_AGE])
    return max(SHORTEST_MAX_AGE, 2 * timedelta(milliseconds=data[CONF_PERIOD]))


def _sharing(value: str) -> SharingMode | None:
    return None if value == SHARES_AS_ABOVE else SharingMode(value)


def _assumed_loads(data: Mapping[str, Any]) -> PerPhase | None:
    """Return the assumed loads; a phase without one is taken to carry as much as the highest."""
    entered = [data.get(key) for key in (CONF_ASSUMED_L1, CONF_ASSUMED_L2, CONF_ASSUMED_L3)]
    known = [load for load in entered if load is not None]
    if not known:
        return None
    return PerPhase(*(max(known) if load is None else load for load in entered))


def _span(options: Mapping[str, Any], key: str, default: timedelta) -> timedelta:
    seconds = options.get(key)
    return default if seconds is None else timedelta(seconds=seconds)
