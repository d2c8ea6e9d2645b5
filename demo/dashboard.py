"""The demo's dashboard, of Home Assistant's stock cards only."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from .home import Home
from .install import Parts

_PATH: Final = "headroom-demo"
_PHASES: Final = (1, 2, 3)
_HOURS: Final = 0.25

type Card = dict[str, Any]


async def install_dashboard(home: Home, site: Mapping[str, Any], parts: Parts) -> None:
    """Make the dashboard and let it open first, unless it is there already."""
    dashboards = await home.command("lovelace/dashboards/list")
    if any(dashboard["url_path"] == _PATH for dashboard in dashboards):
        return
    registry = await home.command("config/entity_registry/list")
    entities = {entry["unique_id"]: entry["entity_id"] for entry in registry}
    config = _Dashboard(site, await parts.known(), entities, parts.entry).config()
    await home.command(
        "lovelace/dashboards/create",
        url_path=_PATH,
        title="Headroom",
        icon="mdi:ev-station",
        show_in_sidebar=True,
    )
    await home.command("lovelace/config/save", url_path=_PATH, config=config)
    await home.command("frontend/set_system_data", key="core", value={"default_panel": _PATH})


class _Dashboard:
    """The cards of a simulated site; `parts` and `entities` are ids by unique id."""

    def __init__(
        self,
        site: Mapping[str, Any],
        parts: Mapping[str, str],
        entities: Mapping[str, str],
        entry: str,
    ) -> None:
        self._site = site
        self._parts = parts
        self._entities = entities
        self._entry = entry

    def config(self) -> dict[str, Any]:
        """Return the dashboard as Home Assistant stores it."""
        sections = [self._overview(), *(self._zone(zone) for zone in self._site["zones"])]
        view = {"title": "Car park", "type": "sections", "max_columns": 4, "sections": sections}
        return {"views": [view]}

    def _overview(self) -> Card:
        meters = [card for meter in self._site["meters"] for card in self._meter(meter)]
        return _section(
            self._site["name"],
            _tile(self._entities[f"{self._entry}_charging_power"], name="Cars now"),
            _tile(self._entities[f"{self._entry}_charging_cars"], name="Charging cars"),
            *meters,
        )

    def _meter(self, meter: Mapping[str, Any]) -> Iterable[Card]:
        part = self._parts[f"meter_127.0.0.1:{meter['port']}:{meter['unit']}"]
        currents = [self._entities[f"{part}_current_l{phase}"] for phase in _PHASES]
        yield _tile(self._entities[f"{part}_power"], name="Building now")
        yield _tile(self._entities[f"{part}_contact"], name="Main meter")
        yield _heading("Everything, by phase")
        yield _graph(currents)

    def _zone(self, zone: Mapping[str, Any]) -> Card:
        part = self._parts[f"zone_{zone['id']}"]
        limit = self._entities[f"{part}_limit_l1"]
        drawn = [self._entities[f"{part}_drawn_l{phase}"] for phase in _PHASES]
        budget = [self._entities[f"{part}_budget_l{phase}"] for phase in _PHASES]
        metered = any(meter["zone"] == zone["id"] for meter in self._site["meters"])
        stations = [item for item in self._site["stations"] if item["zone"] == zone["id"]]
        return _section(
            zone["id"].capitalize(),
            _tile(self._entities[f"{part}_budget_reason"], name="Budget bound by"),
            _tile(self._entities[f"{part}_limit"], name="Limit"),
            _heading("Drawn by cars, and the limit"),
            _graph([limit, *drawn]),
            *([_heading("Left for cars"), _graph(budget)] if metered else []),
            *(card for station in stations for card in self._station(station)),
        )

    def _station(self, station: Mapping[str, Any]) -> Iterable[Card]:
        part = self._parts[f"charger_{station['id']}"]
        count = len(station["connectors"])
        for number in range(1, count + 1):
            title = f"{station['id']}, connector {number}" if count > 1 else station["id"]
            yield _heading(title)
            for key, name in _CONNECTOR_TILES.items():
                yield _tile(self._entities[f"{part}:{number}_{key}"], name=name)


_CONNECTOR_TILES: Final = {
    "status": "Car",
    "setpoint": "Setpoint",
    "power": "Power",
    "setpoint_reason": "Because",
    "charging_allowed": "Allowed",
    "session_energy": "This session",
}


def _section(title: str, *cards: Card) -> Card:
    return {"type": "grid", "cards": [{"type": "heading", "heading": title}, *cards]}


def _tile(entity: str, *, name: str) -> Card:
    return {"type": "tile", "entity": entity, "name": name}


def _heading(title: str) -> Card:
    return {"type": "heading", "heading": title, "heading_style": "subtitle"}


def _graph(entities: list[str]) -> Card:
    return {
        "type": "history-graph",
        "hours_to_show": _HOURS,
        "entities": [{"entity": entity} for entity in entities],
        "grid_options": {"columns": "full"},
    }
