"""Sets the demo's site up as a person does: by filling in the config flows, one by one."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .home import Home, HomeError, Json
from .surroundings import (
    CARBON,
    EXPORT_PRICE,
    IMPORT_PRICE,
    batteries_of,
    charge_of,
    hold_of,
    price_sensors,
)

_ENTRIES: Final = "/api/config/config_entries/flow"
_OPTIONS: Final = "/api/config/config_entries/options/flow"
_SUBENTRIES: Final = "/api/config/config_entries/subentries/flow"
_BOX_ENTITIES: Final = ("limit", "status", "current_l1", "current_l2", "current_l3")
_RATES: Final = {
    "price_entity": IMPORT_PRICE,
    "export_price_entity": EXPORT_PRICE,
    "carbon_entity": CARBON,
}
"""Unique ids of sensors by the options that name them."""
_PATIENCE: Final = 30.0
_RETRY: Final = 0.5
_UNREACHABLE: Final = "cannot_connect"
_TRIES: Final = 10
"""On a machine that has a lot to do a simulated device may answer late while all of them start."""


async def install_site(home: Home, site: Mapping[str, Any], *, ocpp_port: int) -> Parts:
    """Add what is missing of a site; what is there already stays as people left it."""
    is_new = await _entry(home) is None
    parts = Parts(home, await _install_entry(home, site["name"], ocpp_port))
    if is_new and (sources := await _energy(parts, site)):
        await parts.set_options("energy", sources)
    if is_new and (battery := await _battery(parts, site)):
        await parts.set_options("sun", {"battery": battery})
    for zone in site["zones"]:
        await parts.add("zone", f"zone_{zone['id']}", await _zone(parts, zone, site))
    for meter in site.get("meters", ()):
        unique_id = f"meter_127.0.0.1:{meter['port']}:{meter['unit']}"
        forms = await _meter(parts, meter)
        name = f"{meter['id'].capitalize()} meter"
        await parts.add("meter", unique_id, {"next_step_id": "modbus"}, *forms, name=name)
    for charger in chargers_of(site):
        described = await _describe(parts, charger)
        unique_id = parts.chargers[charger["id"]] = f"charger_{described.identity}"
        connectors = [_connector(connector) for connector in connectors_of(charger)]
        forms = [*described.forms, *connectors]
        await parts.add("charger", unique_id, *forms, name=charger["id"])
    return parts


def chargers_of(site: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the stations and boxes of a site file."""
    return [*site.get("stations", ()), *site.get("boxes", ())]


def measured_by(meter: Mapping[str, Any]) -> str:
    """Return what of its zone a meter of a site file measures."""
    return str(meter.get("measures", "supply"))


def meters_of(site: Mapping[str, Any], measured: str) -> list[Mapping[str, Any]]:
    """Return the meters of a site file that measure something."""
    return [meter for meter in site.get("meters", ()) if measured_by(meter) == measured]


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

    async def entities(self, *unique_ids: str) -> list[Mapping[str, Any]]:
        """Wait for entities of other integrations. Raises HomeError if they do not come."""
        try:
            async with asyncio.timeout(_PATIENCE):
                while True:
                    known = await self._home.entities()
                    with contextlib.suppress(KeyError):
                        return [known[unique_id] for unique_id in unique_ids]
                    await asyncio.sleep(_RETRY)
        except TimeoutError as error:
            raise HomeError(f"there are no entities {', '.join(unique_ids)}") from error

    async def set_options(self, step: str, options: Mapping[str, Any]) -> None:
        """Fill in a form of the site's options; what is not named gets its default."""
        chosen = {"next_step_id": step}
        await _fill_in(self._home, _OPTIONS, {"handler": self.entry}, chosen, options)

    async def add(
        self, kind: str, unique_id: str, *forms: Mapping[str, Any], name: str | None = None
    ) -> None:
        """Fill in the forms of one subentry unless it is there, and call it by a name."""
        if unique_id in await self.known():
            return
        await _fill_in(self._home, _SUBENTRIES, {"handler": [self.entry, kind]}, *forms)
        if name is not None:
            await self._home.command(
                "config_entries/subentries/update",
                entry_id=self.entry,
                subentry_id=(await self.known())[unique_id],
                title=name,
            )


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
    metered = zone["id"] in {meter["zone"] for meter in meters_of(site, "supply")}
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


async def _meter(parts: Parts, meter: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    role = measured_by(meter)
    form = {
        "role": role,
        "zone": (await parts.known())[f"zone_{meter['zone']}"],
        "model": meter["model"],
        "host": "127.0.0.1",
        "port": meter["port"],
        "unit": meter["unit"],
        "period": 500,
    }
    if role != "battery":
        return [form, {}]
    (charge,) = await parts.entities(charge_of(meter["zone"]))
    return [form, {}, {"charge_entity": charge["entity_id"]}]


async def _energy(parts: Parts, site: Mapping[str, Any]) -> dict[str, str]:
    """Return the sensors of what energy costs, as the options of the site name them."""
    known = {sensor["unique_id"] for sensor in price_sensors(site)}
    wanted = {key: unique_id for key, unique_id in _RATES.items() if unique_id in known}
    entities = await parts.entities(*wanted.values())
    return {key: entity["entity_id"] for key, entity in zip(wanted, entities, strict=True)}


async def _battery(parts: Parts, site: Mapping[str, Any]) -> dict[str, str]:
    """Return what options of the site say of the house battery: cars first, so that sun is left."""
    if not (zones := batteries_of(site)):
        return {}
    (hold,) = await parts.entities(hold_of(zones[0]))
    return {"battery_policy": "car_first", "hold_entity": hold["entity_id"]}


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
    unique_ids = [f"{box['id']}_{key}" for key in _BOX_ENTITIES]
    limit, status, *currents = await parts.entities(*unique_ids)
    form = {
        "zone": zone,
        "limit_entity": limit["entity_id"],
        "status_entity": status["entity_id"],
        "current_entities": [current["entity_id"] for current in currents],
    }
    identity = f"entity_{limit['id']}"
    return _Described(identity, [{"next_step_id": "entities"}, {}, form])


def _connector(connector: Mapping[str, Any]) -> dict[str, Any]:
    return {"wiring": connector["wiring"], "max_current": connector["max"], "floor": 6}
