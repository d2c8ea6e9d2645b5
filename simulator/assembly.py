"""Builds a simulated site from its description."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import Random

from .boxes.box import Box
from .boxes.served import ServedBox
from .gateway import Gateway, Unit
from .meters import SimulatedMeter
from .plant.battery import HouseBattery
from .plant.house import House, household_profile
from .plant.outlet import Outlet
from .plant.park import CarPark
from .plant.sun import Sun, clear_sky_profile
from .site_file import SiteSpec, StationSpec, ZoneSpec, outlet_id
from .station.station import Station


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A site with everything that moves and answers in it."""

    site: SiteSpec
    park: CarPark
    stations: Mapping[str, Station]
    meters: Mapping[str, SimulatedMeter]
    boxes: Mapping[str, Box]
    servers: tuple[Gateway, ...]


def build(
    site: SiteSpec, *, seed: int, start: datetime, day_start: float, speed: float
) -> Simulation:
    """Build a site; the same seed and start give the same plant.

    Computes the day's profiles: call it off the event loop.
    """
    park = _park(site, Random(seed), start=start, day_start=day_start, speed=speed)
    stations = {spec.id: _station(spec, park) for spec in site.stations}
    meters = {
        spec.id: SimulatedMeter(
            spec.id,
            model=spec.model,
            unit=spec.unit,
            totals=partial(park.zone, spec.zone, spec.measures),
        )
        for spec in site.meters
    }
    boxes = {
        spec.id: Box(
            spec.id,
            kind=spec.kind,
            outlet=park.outlets[outlet_id(spec.id, 1)],
            clock=lambda: park.now,
            fallback=spec.fallback,
            starts_free=spec.starts_free,
        )
        for spec in site.boxes
    }
    return Simulation(
        site=site,
        park=park,
        stations=stations,
        meters=meters,
        boxes=boxes,
        servers=tuple(_gateways(site, meters, boxes)),
    )


def _station(spec: StationSpec, park: CarPark) -> Station:
    numbered = dict(enumerate(spec.connectors, start=1))
    station = Station(
        spec.id,
        [park.outlets[outlet_id(spec.id, number)] for number in numbered],
        lambda: park.now,
        protocol=spec.protocol,
        badges={number: c.badge for number, c in numbered.items() if c.badge},
        password=spec.password,
        tls=spec.tls,
        offline_limits=spec.offline_limits,
        switches_phases=spec.switches_phases,
    )
    station.faults.change(spec.faults)
    return station


def _park(
    site: SiteSpec, random: Random, *, start: datetime, day_start: float, speed: float
) -> CarPark:
    houses = {zone.id: _house(zone, site, Random(random.getrandbits(64))) for zone in site.zones}
    suns = {
        zone.id: [
            Sun(
                profile=clear_sky_profile(site.day, site.place, zone.panels),
                random=Random(random.getrandbits(64)),
                phases=zone.panels.phases,
            )
        ]
        for zone in site.zones
        if zone.panels
    }
    return CarPark(
        zones={zone.id: zone.parent for zone in site.zones},
        outlets=[
            Outlet(
                id=outlet_id(charger.id, number),
                zone=charger.zone,
                wiring=connector.wiring,
                max_current=connector.max_current,
            )
            for charger in site.chargers
            for number, connector in enumerate(charger.connectors, start=1)
        ],
        start=start,
        houses=houses,
        suns=suns,
        batteries={zone.id: HouseBattery(zone.battery) for zone in site.zones if zone.battery},
        visits=site.visits,
        speed=speed,
        day_start=day_start,
    )


def _house(zone: ZoneSpec, site: SiteSpec, random: Random) -> House:
    if zone.house is None:
        return House(random=random)
    return House(
        random=random,
        profile=household_profile(site.day, zone.house.yearly_kwh),
        shares=zone.house.shares,
        appliances=zone.house.appliances,
    )


def _gateways(
    site: SiteSpec, meters: Mapping[str, SimulatedMeter], boxes: Mapping[str, Box]
) -> Iterator[Gateway]:
    """Put the units of one port behind one gateway; port 0 gives each its own."""
    units: list[tuple[int, Unit]] = [
        *((spec.port, meters[spec.id]) for spec in site.meters),
        *(
            (spec.port, ServedBox(boxes[spec.id], unit=spec.unit))
            for spec in site.boxes
            if boxes[spec.id].character.is_modbus
        ),
    ]
    shared: defaultdict[int, list[Unit]] = defaultdict(list)
    for port, unit in units:
        if port:
            shared[port].append(unit)
        else:
            yield Gateway([unit])
    for port, behind in shared.items():
        yield Gateway(behind, port=port)
