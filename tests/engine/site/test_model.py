"""Sites that can exist and sites that cannot; wirings; worked examples of lost chargers."""

import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.headroom.engine.controller import SiteController
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.site.errors import SiteError
from custom_components.headroom.engine.site.model import (
    Charger,
    Connector,
    Meter,
    Rules,
    Site,
    Supply,
    Zone,
)
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorStatus

from ..plant import Plant, charger, dynamic_site

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "degraded.json").read_text())
MAIN = Zone(id="main", limit=PerPhase.same(63))


@pytest.mark.parametrize(
    ("site", "key", "placeholders"),
    [
        (
            {"zones": (MAIN, Zone(id="sub", parent="main", limit=PerPhase(63, 64, 63)))},
            "zone_above_parent",
            {"zone": "sub", "parent": "main", "phase": "L2", "limit": "64", "parent_limit": "63"},
        ),
        ({"zones": (Zone(id="z", limit=PerPhase(1, -1, 1)),)}, "negative_limit", {"zone": "z"}),
        (
            {"zones": (Zone(id="z", parent="gone", limit=PerPhase()),)},
            "unknown_zone",
            {"zone": "gone"},
        ),
        (
            {
                "zones": (
                    Zone(id="a", parent="b", limit=PerPhase.same(1)),
                    Zone(id="b", parent="a", limit=PerPhase.same(1)),
                )
            },
            "zone_loop",
            {"zone": "a"},
        ),
        ({"zones": (MAIN, MAIN)}, "duplicate_id", {"kind": "zone", "id": "main"}),
        (
            {"zones": (MAIN,), "meters": (Meter(id="m", zone="gone"),)},
            "unknown_zone",
            {"zone": "gone"},
        ),
        (
            {"zones": (MAIN,), "meters": (Meter(id="m", zone="main"), Meter(id="n", zone="main"))},
            "second_meter",
            {"zone": "main", "meter": "n"},
        ),
        (
            {
                "zones": (MAIN, Zone(id="sub", parent="main", limit=PerPhase.same(20))),
                "chargers": (charger("c", "main"),),
            },
            "zone_not_terminal",
            {"charger": "c", "zone": "main"},
        ),
        ({"zones": (MAIN,), "chargers": (charger("c", "gone"),)}, "unknown_zone", {"zone": "gone"}),
        (
            {"zones": (MAIN,), "chargers": (charger("c", "main", floor=14.0, max_current=10.0),)},
            "floor_above_max",
            {"connector": "c", "floor": "14", "max_current": "10"},
        ),
        (
            {"zones": (MAIN,), "chargers": (charger("c", "main", step=0.0),)},
            "step_not_tenths",
            {"connector": "c", "step": "0"},
        ),
        (
            {"zones": (MAIN,), "chargers": (charger("c", "main", step=0.25),)},
            "step_not_tenths",
            {"connector": "c", "step": "0.25"},
        ),
        (
            {"zones": (MAIN,), "chargers": (charger("c", "main", fallback=33.0),)},
            "fallback_above_max",
            {"connector": "c"},
        ),
        (
            {"zones": (MAIN,), "chargers": (charger("c", "main", fallback=5.0),)},
            "fallback_below_floor",
            {"connector": "c"},
        ),
        (
            {
                "zones": (Zone(id="z", limit=PerPhase.same(10)),),
                "chargers": (charger("c", fallback=6.0), charger("d", fallback=6.0)),
            },
            "fallback_above_zone",
            {"zone": "z", "total": "12", "limit": "10"},
        ),
        (
            {"zones": (Zone(id="z", limit=PerPhase.same(20), margin=51.0),)},
            "margin_too_large",
            {"zone": "z", "left": "9.8", "least": "10"},
        ),
        (
            {"zones": (Zone(id="z", limit=PerPhase.same(20), power=0.0),)},
            "power_not_positive",
            {"zone": "z"},
        ),
        (
            {"zones": (Zone(id="z", limit=PerPhase.same(20), fifo_share=1.1),)},
            "share_out_of_range",
            {"zone": "z"},
        ),
        (
            {"zones": (Zone(id="z", limit=PerPhase.same(20), unbalance=5.9),)},
            "unbalance_too_small",
            {"zone": "z", "least": "6"},
        ),
        (
            {
                "zones": (Zone(id="z", limit=PerPhase.same(20), unbalance=10.0),),
                "chargers": (charger("c", floor=13.0, wiring=Wiring.MONO2),),
            },
            "floor_above_unbalance",
            {"connector": "c", "zone": "z", "floor": "13", "unbalance": "10"},
        ),
        ({"rules": Rules(priority_hours=frozenset({24}))}, "hour_out_of_range", {}),
    ],
)
def test_impossible_site(site: dict[str, Any], key: str, placeholders: dict[str, str]) -> None:
    with pytest.raises(SiteError) as error:
        Site(**site)
    assert error.value.key == key
    assert error.value.placeholders == placeholders


def test_fallbacks_on_different_phases_do_not_add_up() -> None:
    site = Site(
        zones=(Zone(id="z", limit=PerPhase.same(10)),),
        chargers=(
            charger("c", wiring=Wiring.MONO1, fallback=6.0),
            charger("d", wiring=Wiring.MONO2, fallback=6.0),
        ),
    )
    assert site.fallback_of == {"c": 6.0, "d": 6.0}


@pytest.mark.parametrize(
    ("wiring", "phases", "grid"),
    [
        (Wiring.TRI123, (0, 1, 2), PerPhase(1, 2, 3)),
        (Wiring.TRI231, (1, 2, 0), PerPhase(3, 1, 2)),
        (Wiring.TRI312, (2, 0, 1), PerPhase(2, 3, 1)),
        (Wiring.TRI321, (2, 1, 0), PerPhase(3, 2, 1)),
        (Wiring.MONO2, (1,), PerPhase(0, 6, 0)),
    ],
)
def test_wiring_turns_terminals_to_grid(
    wiring: Wiring, phases: tuple[int, ...], grid: PerPhase
) -> None:
    assert wiring.phases == phases
    assert wiring.to_grid(PerPhase(1, 2, 3)) == grid


def parking(case: dict[str, Any]) -> Site:
    """Return the zone of two stations with two outlets each and one wallbox."""
    outlets: dict[str, list[Connector]] = {}
    for row in VECTORS["zone_of_two_parking_and_one_wallbox"]["connectors"]:
        outlets.setdefault(row["charger"], []).append(Connector(id=row["id"], floor=row["floor"]))
    zone = Zone(
        id="z",
        limit=PerPhase.same(case["max"]),
        supply=Supply(case["supply"]),
        scale_fallback=case["scaled"],
    )
    return Site(
        zones=(zone,),
        meters=(Meter(id="m", zone="z"),),
        chargers=tuple(
            Charger(id=key, zone="z", connectors=tuple(connectors))
            for key, connectors in outlets.items()
        ),
    )


@pytest.mark.parametrize("case", VECTORS["cases"])
def test_fallback_of_a_lost_charger(case: dict[str, Any]) -> None:
    site = parking(case)
    assert site.fallback_of["parking1-left"] == case["parking"]
    assert site.fallback_of["wallbox"] == case["wallbox"]


@pytest.mark.parametrize("case", VECTORS["cases"])
def test_the_others_share_what_a_lost_station_leaves(case: dict[str, Any]) -> None:
    plant = Plant(parking(case))
    for outlet in ("parking1-left", "parking1-right"):
        plant.cars[outlet].status = ConnectorStatus.AVAILABLE
        plant.cars[outlet].online = False
    plant.run(120)
    others = [v for key, v in plant.setpoints().items() if not key.startswith("parking1")]
    assert sum(others) == pytest.approx(case["left"], abs=1.0)
    assert sum(others) <= case["left"]


def test_fallback_is_capped_by_the_rating() -> None:
    zone = Zone(id="z", limit=PerPhase.same(60), scale_fallback=True)
    site = Site(zones=(zone,), chargers=(charger("c", max_current=16.0),))
    assert site.fallback_of == {"c": 16.0}


@pytest.mark.parametrize("case", VECTORS["supply_cases"], ids=lambda case: case["about"])
def test_budget_of_a_supply(case: dict[str, Any]) -> None:
    if case["supply"] == "static":
        site = Site(zones=(Zone(id="z", limit=PerPhase.same(case["max"])),))
    else:
        site = dynamic_site(case["max"], [], degraded=case["degraded"])
    plant = Plant(site, house=case["meter"] or 0.0)
    plant.metered = case["meter"] is not None
    plant.run(1)
    assert plant.decision.zones["z"].budget == PerPhase.same(case["budget"])


def test_empty_site_decides_nothing() -> None:
    plant = Plant(Site())
    assert isinstance(plant.controller, SiteController)
    decision = plant.run(1)
    assert (decision.setpoints, decision.zones) == ({}, {})
