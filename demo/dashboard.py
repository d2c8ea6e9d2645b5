"""The demo's dashboard, of Home Assistant's stock cards only.

What an entity is shown for appears with it: a site without a house battery has no tile of one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .cards import (
    Card,
    calendar,
    chart,
    graph,
    heading,
    section,
    sentence,
    table,
    tile,
    view,
    wide,
)
from .home import Home
from .install import Parts, chargers_of, connectors_of, meters_of
from .surroundings import CARBON, EXPORT_PRICE, IMPORT_PRICE, batteries_of, hold_of

_PATH: Final = "headroom-demo"
_PHASES: Final = (1, 2, 3)

_FLOWS: Final = {
    "solar_power": "Sun",
    "battery_power": "House battery",
    "battery_charge": "Battery charge",
    "grid_power": "Grid",
    "house_power": "House",
    "charging_power": "Cars",
}
_CHARGED: Final = {
    "charging_energy_solar": "From sun",
    "charging_energy_battery": "From battery",
    "charging_energy_grid": "From grid",
    "charging_cost": "Cost",
    "charging_carbon": "CO2",
}
_RATES: Final = {
    IMPORT_PRICE: "Price",
    EXPORT_PRICE: "Export",
    CARBON: "CO2 of grid",
}
_ORIGIN: Final = {
    "session_energy": "kWh",
    "session_energy_solar": "Sun",
    "session_energy_battery": "House battery",
    "session_energy_grid": "Grid",
    "session_cost": "EUR",
    "session_carbon": "kg CO2",
}
_SITE_TILES: Final = {"charging_power": "Cars now", "charging_cars": "Charging cars"}
_CONNECTOR_TILES: Final = {
    "setpoint": "Setpoint",
    "power": "Power",
    "charging_allowed": "Allowed",
    "session_energy": "This session",
}
_SITE_MODES: Final = {
    "sun_mode": "Follow the sun",
    "surplus": "Surplus",
    "battery_held": "House battery held",
    "load_shedding": "Load shedding",
    "tariff_period": "Tariff period",
    "operator_limit": "Grid operator",
    "import_scheme": "Agreed import",
    "plan": "Planned",
}
_CONNECTOR_MODES: Final = {
    "sun_mode": "Follow the sun",
    "sun_share": "Its share of the sun",
    "off_peak_charging": "Cheap hours only",
    "force_charge": "Force charge",
    "charging_starts": "Starts",
    "plan_charging": "Plan",
    "ready_by": "Ready by",
    "target_energy": "Energy wanted",
    "goal": "Goal",
    "planned_energy": "Planned",
    "planned_cost": "Planned cost",
}


async def install_dashboard(home: Home, site: Mapping[str, Any], parts: Parts) -> None:
    """Make the dashboard and let it open first, unless it is there already."""
    dashboards = await home.command("lovelace/dashboards/list")
    if any(dashboard["url_path"] == _PATH for dashboard in dashboards):
        return
    enabled = {key: e for key, e in (await home.entities()).items() if e["disabled_by"] is None}
    entities = {key: entry["entity_id"] for key, entry in enabled.items()}
    shown = Dashboard(site, await parts.known(), entities, parts.entry, parts.chargers)
    await home.command(
        "lovelace/dashboards/create",
        url_path=_PATH,
        title="Headroom",
        icon="mdi:ev-station",
        show_in_sidebar=True,
    )
    await home.command("lovelace/config/save", url_path=_PATH, config=shown.config())
    await home.command("frontend/set_system_data", key="core", value={"default_panel": _PATH})


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The cards of a simulated site."""

    site: Mapping[str, Any]
    known: Mapping[str, str]
    """Ids of subentries by unique id."""
    entities: Mapping[str, str]
    """Ids of entities by unique id."""
    entry: str
    chargers: Mapping[str, str]
    """Unique ids of subentries by the ids of chargers."""

    def config(self) -> dict[str, Any]:
        """Return the dashboard as Home Assistant stores it."""
        zones = self.site["zones"]
        return {
            "views": [
                view("Car park", "cars", self._overview(), *map(self._zone, zones)),
                view("When and why", "when", self._modes(), *map(self._zone_modes, zones)),
                view("Energy", "energy", self._flows(), self._charged(), self._rates()),
            ]
        }

    def _overview(self) -> Card:
        meters = [card for meter in meters_of(self.site, "supply") for card in self._meter(meter)]
        return section(
            self.site["name"],
            *self._tiles(self.entry, _SITE_TILES),
            *meters,
        )

    def _meter(self, meter: Mapping[str, Any]) -> Iterable[Card]:
        part = self.known[f"meter_127.0.0.1:{meter['port']}:{meter['unit']}"]
        yield from self._tiles(part, {"power": "Building now", "contact": "Main meter"})
        yield heading("Everything, by phase")
        yield graph(self._phases(f"{part}_current"))

    def _zone(self, zone: Mapping[str, Any]) -> Card:
        part = self.known[f"zone_{zone['id']}"]
        limit = {"Limit": self.entities[f"{part}_limit_l1"]}
        metered = any(meter["zone"] == zone["id"] for meter in meters_of(self.site, "supply"))
        connectors = self._connectors(zone)
        return section(
            zone["id"].capitalize(),
            *self._explanation(f"{part}_budget_reason"),
            *self._tiles(part, {"limit": "Limit"}),
            heading("Drawn by cars, and the limit"),
            graph(limit | self._phases(f"{part}_drawn")),
            *([heading("Left for cars"), graph(self._phases(f"{part}_budget"))] if metered else []),
            *(
                card
                for title, connector in connectors.items()
                for card in (heading(title), *self._connector(connector))
            ),
        )

    def _phases(self, key: str) -> dict[str, str]:
        """Return the entities of the phases by their names."""
        return {f"L{phase}": self.entities[f"{key}_l{phase}"] for phase in _PHASES}

    def _connector(self, connector: str) -> Iterable[Card]:
        yield from self._explanation(f"{connector}_setpoint_reason")
        yield from map(wide, self._tiles(connector, {"status": "Car"}))
        yield from self._tiles(connector, _CONNECTOR_TILES)

    def _modes(self) -> Card:
        plan = self.entities.get(f"{self.entry}_plan")
        calendars = sorted(e for e in self.entities.values() if e.startswith("calendar."))
        return section(
            "When cars charge",
            *self._tiles(self.entry, _SITE_MODES),
            *([chart(plan)] if plan is not None else []),
            *([calendar(calendars)] if calendars else []),
        )

    def _zone_modes(self, zone: Mapping[str, Any]) -> Card:
        cards = [
            card
            for title, connector in self._connectors(zone).items()
            for card in (
                heading(title),
                *self._explanation(f"{connector}_setpoint_reason"),
                *self._tiles(connector, _CONNECTOR_MODES),
            )
        ]
        return section(zone["id"].capitalize(), *cards)

    def _explanation(self, reason: str) -> Iterable[Card]:
        """Yield the sentence that says why there is as much current as there is."""
        if (entity := self.entities.get(reason)) is not None:
            yield sentence(entity)

    def _flows(self) -> Card:
        flows = {name: f"{self.entry}_{key}" for key, name in _FLOWS.items() if "power" in key}
        return section(
            "Now",
            *self._tiles(self.entry, _FLOWS),
            *self._holds(),
            heading("Where power comes from and goes to"),
            graph(
                {name: self.entities[key] for name, key in flows.items() if key in self.entities}
            ),
        )

    def _holds(self) -> Iterable[Card]:
        """Yield the switches by which Headroom keeps house batteries from feeding cars."""
        for zone in batteries_of(self.site):
            if (hold := self.entities.get(hold_of(zone))) is not None:
                yield tile(hold, name="Hold battery")

    def _charged(self) -> Card:
        rows = {
            title: [self.entities.get(f"{connector}_{key}") for key in _ORIGIN]
            for zone in self.site["zones"]
            for title, connector in self._connectors(zone).items()
        }
        return section(
            "What cars have charged",
            *self._tiles(self.entry, _CHARGED),
            heading("Sessions"),
            table(["Connector", *_ORIGIN.values()], rows),
            columns=2,
        )

    def _rates(self) -> Card:
        found = {self.entities[key]: name for key, name in _RATES.items() if key in self.entities}
        return section(
            "What energy costs",
            *(tile(entity, name=name) for entity, name in found.items()),
        )

    def _connectors(self, zone: Mapping[str, Any]) -> dict[str, str]:
        """Return what the unique ids of a zone's connectors begin with, by title."""
        found = {}
        for charger in chargers_of(self.site):
            part, count = self.known[self.chargers[charger["id"]]], len(connectors_of(charger))
            for number in range(1, count + 1):
                title = f"{charger['id']}, connector {number}" if count > 1 else charger["id"]
                if charger["zone"] == zone["id"]:
                    found[title] = f"{part}:{number}"
        return found

    def _tiles(self, owner: str, names: Mapping[str, str]) -> Iterable[Card]:
        """Yield tiles of those entities that there are."""
        for key, name in names.items():
            if (entity := self.entities.get(f"{owner}_{key}")) is not None:
                yield tile(entity, name=name)
