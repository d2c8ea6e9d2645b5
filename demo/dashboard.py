"""The demo's dashboard, of Home Assistant's stock cards only."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from .home import Home
from .install import Parts, chargers_of, connectors_of

_PATH: Final = "headroom-demo"
_PHASES: Final = (1, 2, 3)
_HOURS: Final = 0.25

type Card = dict[str, Any]


async def install_dashboard(home: Home, site: Mapping[str, Any], parts: Parts) -> None:
    """Make the dashboard and let it open first, unless it is there already."""
    dashboards = await home.command("lovelace/dashboards/list")
    if any(dashboard["url_path"] == _PATH for dashboard in dashboards):
        return
    entities = {key: entry["entity_id"] for key, entry in (await home.entities()).items()}
    config = _Dashboard(site, await parts.known(), entities, parts).config()
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
    """The cards of a simulated site; `known` and `entities` are ids by unique id."""

    def __init__(
        self,
        site: Mapping[str, Any],
        known: Mapping[str, str],
        entities: Mapping[str, str],
        parts: Parts,
    ) -> None:
        self._site = site
        self._known = known
        self._entities = entities
        self._parts = parts

    def config(self) -> dict[str, Any]:
        """Return the dashboard as Home Assistant stores it."""
        sections = [self._overview(), *(self._zone(zone) for zone in self._site["zones"])]
        view = {"title": "Car park", "type": "sections", "max_columns": 4, "sections": sections}
        return {"views": [view]}

    def _overview(self) -> Card:
        meters = [card for meter in self._site.get("meters", ()) for card in self._meter(meter)]
        return _section(
            self._site["name"],
            _tile(self._entities[f"{self._parts.entry}_charging_power"], name="Cars now"),
            _tile(self._entities[f"{self._parts.entry}_charging_cars"], name="Charging cars"),
            *meters,
        )

    def _meter(self, meter: Mapping[str, Any]) -> Iterable[Card]:
        part = self._known[f"meter_127.0.0.1:{meter['port']}:{meter['unit']}"]
        currents = [self._entities[f"{part}_current_l{phase}"] for phase in _PHASES]
        yield _tile(self._entities[f"{part}_power"], name="Building now")
        yield _tile(self._entities[f"{part}_contact"], name="Main meter")
        yield _heading("Everything, by phase")
        yield _graph(currents)

    def _zone(self, zone: Mapping[str, Any]) -> Card:
        part = self._known[f"zone_{zone['id']}"]
        limit = self._entities[f"{part}_limit_l1"]
        drawn = [self._entities[f"{part}_drawn_l{phase}"] for phase in _PHASES]
        budget = [self._entities[f"{part}_budget_l{phase}"] for phase in _PHASES]
        metered = any(meter["zone"] == zone["id"] for meter in self._site.get("meters", ()))
        chargers = [item for item in chargers_of(self._site) if item["zone"] == zone["id"]]
        return _section(
            zone["id"].capitalize(),
            _tile(self._entities[f"{part}_budget_reason"], name="Budget bound by"),
            _tile(self._entities[f"{part}_limit"], name="Limit"),
            _heading("Drawn by cars, and the limit"),
            _graph([limit, *drawn]),
            *([_heading("Left for cars"), _graph(budget)] if metered else []),
            *(card for charger in chargers for card in self._charger(charger)),
        )

    def _charger(self, charger: Mapping[str, Any]) -> Iterable[Card]:
        part = self._known[self._parts.chargers[charger["id"]]]
        count = len(connectors_of(charger))
        for number in range(1, count + 1):
            title = f"{charger['id']}, connector {number}" if count > 1 else charger["id"]
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
