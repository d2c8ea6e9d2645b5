"""The file that describes a simulated site for `serve`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from custom_components.headroom.engine.currents import PHASE_NAMES, PHASES, PerPhase
from custom_components.headroom.engine.site.wiring import Wiring

from .boxes.kinds import KINDS
from .plant.battery import BatteryModel
from .plant.ev import CarModel
from .plant.house import USUAL_SHARES, ApplianceKind
from .plant.park import Measured, Visit
from .plant.sun import Panels, Place
from .station.faults import Faults
from .station.protocol import Protocol
from .validation import FileError, check

SCHEMA: Final = Path(__file__).with_name("site.schema.json")

_DEFAULT_DATE: Final = "2026-06-21"
_DEFAULT_PLACE: Final = {"latitude": 48.86, "longitude": 2.35, "timezone": "Europe/Paris"}
_DEFAULT_UNIT: Final = 255
_WH_PER_KWH: Final = 1000
_W_PER_KW: Final = 1000
_SECONDS_PER_HOUR: Final = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseSpec:
    """The load of a building."""

    yearly_kwh: float
    shares: PerPhase = USUAL_SHARES
    appliances: tuple[ApplianceKind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSpec:
    """A zone; its limit in A per phase is for people only, the plant does not trip."""

    id: str
    limit: float
    parent: str | None
    house: HouseSpec | None
    panels: Panels | None
    battery: BatteryModel | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterSpec:
    """A meter and the address it answers at."""

    id: str
    zone: str
    model: str
    port: int
    unit: int
    measures: Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorSpec:
    """A connector of a station; current in A per phase."""

    wiring: Wiring
    max_current: float
    badge: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSpec:
    """A charging station."""

    id: str
    zone: str
    password: str | None
    tls: SSLContext | None
    connectors: tuple[ConnectorSpec, ...]
    protocol: Protocol = Protocol.OCPP_1_6
    offline_limits: bool = False
    switches_phases: bool = False
    faults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxSpec:
    """A wallbox that is not an OCPP station; its fallback is configured at the box."""

    id: str
    zone: str
    kind: str
    port: int
    unit: int
    connector: ConnectorSpec
    fallback: float | None
    starts_free: bool

    @property
    def connectors(self) -> tuple[ConnectorSpec, ...]:
        """Return its connectors, like those of a station."""
        return (self.connector,)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSpec:
    """A whole site."""

    name: str
    day: date
    place: Place
    control_port: int
    zones: tuple[ZoneSpec, ...]
    meters: tuple[MeterSpec, ...]
    stations: tuple[StationSpec, ...]
    boxes: tuple[BoxSpec, ...]
    visits: tuple[Visit, ...]

    @property
    def chargers(self) -> tuple[StationSpec | BoxSpec, ...]:
        """Return everything with connectors."""
        return (*self.stations, *self.boxes)


def outlet_id(station: str, connector: int) -> str:
    """Return the id of an outlet of the plant."""
    return f"{station}/{connector}"


def load_site(path: Path) -> SiteSpec:
    """Read a site file. Raises FileError that says what is wrong."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - safe one
    except (OSError, yaml.YAMLError) as error:
        raise FileError(str(error)) from error
    check(data, SCHEMA)
    try:
        site = _site(data, default_name=path.stem)
    except ValueError as error:
        raise FileError(str(error)) from error
    _check_references(site)
    return site


class _Loader(yaml.SafeLoader):
    """Keeps dates as text, as JSON Schema wants them."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _site(data: Mapping[str, Any], *, default_name: str) -> SiteSpec:
    return SiteSpec(
        name=data.get("name", default_name),
        day=date.fromisoformat(data.get("date", _DEFAULT_DATE)),
        place=_place(data.get("place", _DEFAULT_PLACE)),
        control_port=data.get("control_port", 0),
        zones=tuple(_zone(zone) for zone in data["zones"]),
        meters=tuple(_meter(meter) for meter in data.get("meters", ())),
        stations=tuple(_station(station) for station in data.get("stations", ())),
        boxes=tuple(_box(box) for box in data.get("boxes", ())),
        visits=tuple(_visit(car) for car in data.get("cars", ())),
    )


def _place(data: Mapping[str, Any]) -> Place:
    try:
        ZoneInfo(data["timezone"])
    except (ZoneInfoNotFoundError, ValueError) as error:
        msg = f"unknown time zone {data['timezone']}"
        raise FileError(msg) from error
    return Place(**data)


def _meter(data: Mapping[str, Any]) -> MeterSpec:
    measures = Measured(data.get("measures", Measured.SUPPLY))
    return MeterSpec(**{"unit": _DEFAULT_UNIT, **data, "measures": measures})


def _zone(data: Mapping[str, Any]) -> ZoneSpec:
    house, pv, battery = data.get("house"), data.get("pv"), data.get("battery")
    return ZoneSpec(
        id=data["id"],
        limit=data["limit"],
        parent=data.get("parent"),
        house=_house(house) if house else None,
        panels=_panels(pv) if pv else None,
        battery=_battery(battery) if battery else None,
    )


def _house(data: Mapping[str, Any]) -> HouseSpec:
    return HouseSpec(
        yearly_kwh=data["yearly_kwh"],
        shares=PerPhase(*data["shares"]) if "shares" in data else USUAL_SHARES,
        appliances=tuple(ApplianceKind(name) for name in data.get("appliances", ())),
    )


def _panels(data: Mapping[str, Any]) -> Panels:
    names = data.get("phases")
    phases = tuple(PHASE_NAMES.index(name) for name in names) if names else PHASES
    return Panels(**{**data, "phases": phases})


def _battery(data: Mapping[str, Any]) -> BatteryModel:
    return BatteryModel(
        capacity=data["capacity_kwh"] * _WH_PER_KWH,
        stored=data.get("stored_kwh", 0.0) * _WH_PER_KWH,
        power=data["power_kw"] * _W_PER_KW,
    )


def _station(data: Mapping[str, Any]) -> StationSpec:
    return StationSpec(
        id=data["id"],
        zone=data["zone"],
        password=data.get("password"),
        tls=_tls(data["tls"]) if "tls" in data else None,
        connectors=tuple(_connector(connector) for connector in data["connectors"]),
        protocol=Protocol(data.get("protocol", Protocol.OCPP_1_6)),
        offline_limits=data.get("offline_limits", False),
        switches_phases=data.get("switches_phases", False),
        faults=_faults(data.get("faults", {})),
    )


def _tls(data: Mapping[str, Any]) -> SSLContext:
    """Return whom a station trusts and what it shows of itself. Raises ValueError."""
    try:
        context = SSLContext(PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(data["ca"])
        if "certificate" in data:
            context.load_cert_chain(data["certificate"], data["key"])
    except OSError as error:
        raise ValueError(f"tls: {error}") from error
    return context


def _connector(data: Mapping[str, Any]) -> ConnectorSpec:
    return ConnectorSpec(
        wiring=Wiring(data.get("wiring", Wiring.TRI123)),
        max_current=data.get("max", 32.0),
        badge=data.get("badge"),
    )


def _box(data: Mapping[str, Any]) -> BoxSpec:
    return BoxSpec(
        id=data["id"],
        zone=data["zone"],
        kind=data["kind"],
        port=data.get("port", 0),
        unit=data.get("unit", KINDS[data["kind"]].unit),
        connector=_connector(data),
        fallback=data.get("fallback"),
        starts_free=data.get("starts_free", False),
    )


def _faults(data: Mapping[str, Any]) -> Mapping[str, Any]:
    Faults().change(data)
    return data


def _visit(data: Mapping[str, Any]) -> Visit:
    hours = data.get("stays_h")
    return Visit(
        outlet=outlet_id(data["station"], data.get("connector", 1)),
        car=car_model(data),
        arrives=data.get("arrives_s", 0.0),
        **({} if hours is None else {"stays": hours * _SECONDS_PER_HOUR}),
    )


_CAR_KEYS: Final = {
    "phases": ("phases", 1),
    "onboard": ("onboard", 1),
    "floor": ("floor", 1),
    "ramp_s": ("ramp_up", 1),
    "start_delay_s": ("start_delay", 1),
    "reaction_s": ("reaction", 1),
    "battery_kwh": ("battery", _WH_PER_KWH),
    "stored_kwh": ("stored", _WH_PER_KWH),
}


def car_model(data: Mapping[str, Any]) -> CarModel:
    """Return the car that the keys of a file describe. Raises ValueError if it cannot exist."""
    return CarModel(
        **{field: data[key] * factor for key, (field, factor) in _CAR_KEYS.items() if key in data}
    )


def _check_references(site: SiteSpec) -> None:
    zones = {zone.id: zone.parent for zone in site.zones}
    outlets = {
        outlet_id(charger.id, number)
        for charger in site.chargers
        for number in range(1, len(charger.connectors) + 1)
    }
    _require_unique("zone", [zone.id for zone in site.zones])
    _require_unique("meter", [meter.id for meter in site.meters])
    _require_unique("charger", [charger.id for charger in site.chargers])
    _require_known("zone", (zone.parent for zone in site.zones if zone.parent), zones)
    _require_known("zone", (meter.zone for meter in site.meters), zones)
    _require_known("zone", (charger.zone for charger in site.chargers), zones)
    _require_sources(site)
    _require_known("connector", (visit.outlet for visit in site.visits), outlets)
    for zone in zones:
        _require_root(zone, zones)


def _require_sources(site: SiteSpec) -> None:
    zones = {zone.id: zone for zone in site.zones}
    for meter in site.meters:
        zone = zones[meter.zone]
        source = {Measured.SOLAR: zone.panels, Measured.BATTERY: zone.battery}
        if source.get(meter.measures, zone) is None:
            msg = f"meter {meter.id} measures {meter.measures}, of which {zone.id} has none"
            raise FileError(msg)


def _require_unique(kind: str, ids: list[str]) -> None:
    for item in ids:
        if ids.count(item) > 1:
            msg = f"two of {kind} {item}"
            raise FileError(msg)


def _require_known(kind: str, ids: Iterable[str], known: Iterable[str]) -> None:
    for item in ids:
        if item not in known:
            msg = f"unknown {kind} {item}"
            raise FileError(msg)


def _require_root(zone: str, parents: Mapping[str, str | None]) -> None:
    seen = {zone}
    step = parents[zone]
    while step is not None:
        if step in seen:
            msg = f"zone {zone} is inside itself"
            raise FileError(msg)
        seen.add(step)
        step = parents[step]
