"""Sets the demo's site up as a person does: by filling in the config flows, one by one."""

from collections.abc import Mapping
from typing import Any, Final

from .home import Home, HomeError

_ENTRIES: Final = "/api/config/config_entries/flow"
_SUBENTRIES: Final = "/api/config/config_entries/subentries/flow"


async def install_site(home: Home, site: Mapping[str, Any], *, ocpp_port: int) -> Parts:
    """Add what is missing of a site; what is there already stays as people left it."""
    basics = {"name": site["name"], "port": ocpp_port}
    entry = await _entry(home)
    if entry is None:
        await _fill_in(home, _ENTRIES, {"handler": "headroom"}, basics)
        entry = await _entry(home)
    else:
        await _fill_in(home, _ENTRIES, {"handler": "headroom", "entry_id": entry}, basics)
    if entry is None:
        raise HomeError("the site was not created")
    parts = Parts(home, entry)
    for zone in site["zones"]:
        await parts.add("zone", f"zone_{zone['id']}", await _zone(parts, zone, site))
    for meter in site["meters"]:
        unique_id = f"meter_127.0.0.1:{meter['port']}:{meter['unit']}"
        await parts.add("meter", unique_id, await _meter(parts, meter), {})
    for station in site["stations"]:
        forms = await _station(parts, station)
        choice = {"next_step_id": "ocpp"}
        await parts.add("charger", f"charger_{station['id']}", choice, *forms)
    return parts


async def _entry(home: Home) -> str | None:
    entries = await home.command("config_entries/get", domain="headroom")
    return next((e["entry_id"] for e in entries if e["source"] != "ignore"), None)


class Parts:
    """The subentries of the site."""

    def __init__(self, home: Home, entry: str) -> None:
        self._home = home
        self.entry: Final = entry

    async def known(self) -> dict[str, str]:
        """Return the subentry ids by unique id."""
        listed = await self._home.command("config_entries/subentries/list", entry_id=self.entry)
        return {item["unique_id"]: item["subentry_id"] for item in listed}

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
        step = await home.post(f"{path}/{step['flow_id']}", folded | dict(form))
        if step.get("errors"):
            raise HomeError(f"{start['handler']} refuses {dict(form)}: {step['errors']}")
    if step["type"] in {"form", "menu"}:
        raise HomeError(f"{start['handler']} asks for more: {step['step_id']}")


async def _zone(parts: Parts, zone: Mapping[str, Any], site: Mapping[str, Any]) -> dict[str, Any]:
    metered = any(meter["zone"] == zone["id"] for meter in site["meters"])
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


async def _station(parts: Parts, station: Mapping[str, Any]) -> list[dict[str, Any]]:
    first = {
        "station_id": station["id"],
        "zone": (await parts.known())[f"zone_{station['zone']}"],
        "connector_count": len(station["connectors"]),
    }
    connectors = [
        {"wiring": connector["wiring"], "max_current": connector["max"], "floor": 6}
        for connector in station["connectors"]
    ]
    return [first, *connectors]
