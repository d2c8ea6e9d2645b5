"""Sets the demo's site up as a person does: by filling in the config flows, one by one."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .home import Home, HomeError, Json

_ENTRIES: Final = "/api/config/config_entries/flow"
_OPTIONS: Final = "/api/config/config_entries/options/flow"
_SUBENTRIES: Final = "/api/config/config_entries/subentries/flow"
_BOX_ENTITIES: Final = ("limit", "status", "current_l1", "current_l2", "current_l3")
_PATIENCE: Final = 30.0
_RETRY: Final = 0.5
_UNREACHABLE: Final = "cannot_connect"
_TRIES: Final = 10
"""On a machine that has a lot to do a simulated device may answer late while all of them start."""


async def install_site(home: Home, site: Mapping[str, Any], *, ocpp_port: int) -> Parts:
    """Add what is missing of a site; what is there already stays as people left it."""
    parts = Parts(home, await _install_entry(home, site["name"], ocpp_port))
    for zone in site["zones"]:
        await parts.add("zone", f"zone_{zone['id']}", await _zone(parts, zone, site))
    for meter in site.get("meters", ()):
        unique_id = f"meter_127.0.0.1:{meter['port']}:{meter['unit']}"
        form = await _meter(parts, meter)
        await parts.add("meter", unique_id, {"next_step_id": "modbus"}, form, {})
    for charger in chargers_of(site):
        described = await _describe(parts, charger)
        parts.chargers[charger["id"]] = f"charger_{described.identity}"
        connectors = [_connector(connector) for connector in connectors_of(charger)]
        await parts.add("charger", f"charger_{described.identity}", *described.forms, *connectors)
    return parts


def chargers_of(site: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the stations and boxes of a site file."""
    return [*site.get("stations", ()), *site.get("boxes", ())]


def connectors_of(charger: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the connectors of a station; a box is its only connector."""
    return list(charger.get("connectors", [charger]))


async def _install_entry(home: Home, name: str, ocpp_port: int) -> str:
    basics = {"name": name, "port": ocpp_port}
    entry = await _entry(home)
    known = {} if entry is None else {"entry_id": entry}
    await _fill_in(home, _ENTRIES, {"handler": "headroom", **known}, basics)
    entry = await _entry(home)
    if entry is None:
        raise HomeError("the site was not created")
    return entry


async def _entry(home: Home) -> str | None:
    entries = await home.command("config_entries/get", domain="headroom")
    return next((e["entry_id"] for e in entries if e["source"] != "ignore"), None)


class Parts:
    """The subentries of the site."""

    def __init__(self, home: Home, entry: str) -> None:
        self._home = home
        self.entry: Final = entry
        self.chargers: dict[str, str] = {}
        """Unique ids of subentries by the ids that the site file gives the chargers."""

    async def known(self) -> dict[str, str]:
        """Return the subentry ids by unique id."""
        listed = await self._home.command("config_entries/subentries/list", entry_id=self.entry)
        return {item["unique_id"]: item["subentry_id"] for item in listed}

    async def entities_of(self, box: str) -> dict[str, Mapping[str, Any]]:
        """Wait for the entities of a box with an app. Raises HomeError if they do not come."""
        try:
            async with asyncio.timeout(_PATIENCE):
                while True:
                    known = await self._home.entities()
                    with contextlib.suppress(KeyError):
                        return {key: known[f"{box}_{key}"] for key in _BOX_ENTITIES}
                    await asyncio.sleep(_RETRY)
        except TimeoutError as error:
            raise HomeError(f"{box} has no entities") from error

    async def set_rules(self, rules: Mapping[str, Any]) -> None:
        """Fill in the form of the site's rules; what is not named gets its default."""
        chosen = {"next_step_id": "rules"}
        await _fill_in(self._home, _OPTIONS, {"handler": self.entry}, chosen, rules)

    async def add(self, kind: str, unique_id: str, *forms: Mapping[str, Any]) -> None:
        """Fill in the forms of one subentry unless it is there."""
        if unique_id not in await self.known():
            await _fill_in(self._home, _SUBENTRIES, {"handler": [self.entry, kind]}, *forms)


async def _fill_in(
    home: Home, path: str, start: Mapping[str, Any], *forms: Mapping[str, Any]
) -> None:
    """Answer the forms of a flow in their order. Raises HomeError if one is refused."""
    step = await home.post(path, start)
    for form in forms:
        if step["type"] not in {"form", "menu"}:
            break
        folded: dict[str, Any] = {
            field["name"]: {}
            for field in step.get("data_schema") or ()
            if field.get("type") == "expandable"
        }
        step = await _answer(home, f"{path}/{step['flow_id']}", folded | dict(form))
        if step.get("errors"):
            raise HomeError(f"{start['handler']} refuses {dict(form)}: {step['errors']}")
    if step["type"] in {"form", "menu"}:
        raise HomeError(f"{start['handler']} asks for more: {step['step_id']}")


async def _answer(home: Home, path: str, form: Mapping[str, Any]) -> Json:
    """Answer a form, for a while again if its device cannot be reached; return what comes next."""
    for _ in range(_TRIES):
        step = await home.post(path, form)
        if _UNREACHABLE not in (step.get("errors") or {}).values():
            break
        await asyncio.sleep(_RETRY)
    return step


async def _zone(parts: Parts, zone: Mapping[str, Any], site: Mapping[str, Any]) -> dict[str, Any]:
    metered = any(meter["zone"] == zone["id"] for meter in site.get("meters", ()))
    form = {
        "name": zone["id"].capitalize(),
        "limit_l1": zone["limit"],
        "limit_l2": zone["limit"],
        "limit_l3": zone["limit"],
        "supply": "dynamic" if metered else "static",
    }
    if "parent" in zone:
        form["parent"] = (await parts.known())[f"zone_{zone['parent']}"]
    return form


async def _meter(parts: Parts, meter: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "zone": (await parts.known())[f"zone_{meter['zone']}"],
        "model": meter["model"],
        "host": "127.0.0.1",
        "port": meter["port"],
        "unit": meter["unit"],
        "period": 500,
    }


@dataclass(frozen=True, slots=True)
class _Described:
    """A charger as the forms before those of its connectors want it."""

    identity: str
    forms: Sequence[Mapping[str, Any]]


async def _describe(parts: Parts, charger: Mapping[str, Any]) -> _Described:
    zone = (await parts.known())[f"zone_{charger['zone']}"]
    if "kind" not in charger:
        return _station(charger, zone)
    if charger["kind"] == "app":
        return await _app_box(parts, charger, zone)
    return _modbus_box(charger, zone)


def _station(station: Mapping[str, Any], zone: str) -> _Described:
    form = {
        "station_id": station["id"],
        "zone": zone,
        "connector_count": len(station["connectors"]),
    }
    return _Described(station["id"], [{"next_step_id": "ocpp"}, form])


def _modbus_box(box: Mapping[str, Any], zone: str) -> _Described:
    form = {
        "zone": zone,
        "dialect": box["kind"],
        "host": "127.0.0.1",
        "port": box["port"],
        "unit": box["unit"],
        "connector_count": 1,
    }
    identity = f"modbus_127.0.0.1:{box['port']}:{box['unit']}"
    return _Described(identity, [{"next_step_id": "modbus"}, form])


async def _app_box(parts: Parts, box: Mapping[str, Any], zone: str) -> _Described:
    entities = await parts.entities_of(box["id"])
    form = {
        "zone": zone,
        "limit_entity": entities["limit"]["entity_id"],
        "status_entity": entities["status"]["entity_id"],
        "current_entities": [entities[f"current_l{phase}"]["entity_id"] for phase in (1, 2, 3)],
    }
    identity = f"entity_{entities['limit']['id']}"
    return _Described(identity, [{"next_step_id": "entities"}, {}, form])


def _connector(connector: Mapping[str, Any]) -> dict[str, Any]:
    return {"wiring": connector["wiring"], "max_current": connector["max"], "floor": 6}
