from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from custom_components.headroom.engine.site.wiring import Wiring
from simulator.assembly import build
from simulator.plant.park import Measured
from simulator.site_file import load_site
from simulator.station.protocol import Protocol
from simulator.validation import FileError

DEMO = Path("simulator/sites/demo.yaml")

SMALL: dict[str, Any] = {
    "zones": [{"id": "a", "limit": 32}, {"id": "b", "limit": 16, "parent": "a"}],
    "meters": [
        {"id": "m", "zone": "a", "model": "klefr", "port": 5021, "unit": 1},
        {"id": "n", "zone": "b", "model": "schneider_iem3000", "port": 5021, "unit": 2},
        {"id": "o", "zone": "b", "model": "klefr", "port": 0},
    ],
    "stations": [{"id": "S", "zone": "b", "connectors": [{"wiring": "mono2", "max": 16}, {}]}],
    "boxes": [
        {"id": "V", "zone": "b", "kind": "vestel", "port": 5022, "max": 16, "wiring": "mono1"},
        {"id": "H", "zone": "a", "kind": "app", "fallback": 8, "starts_free": True},
    ],
    "cars": [
        {"station": "S", "connector": 2, "arrives_s": 3, "battery_kwh": 50},
        {"station": "V"},
    ],
}


BATTERY = {"capacity_kwh": 10, "power_kw": 3}
METER = {"id": "m", "zone": "a", "model": "klefr", "port": 5021}


def written(path: Path, **changes: object) -> Path:
    file = path / "small.yaml"
    file.write_text(yaml.safe_dump({**SMALL, **changes}), encoding="utf-8")
    return file


def test_demo_has_three_zones_and_nine_chargers() -> None:
    site = load_site(DEMO)
    assert site.day == date(2026, 6, 21)
    assert [(zone.id, zone.limit, zone.parent) for zone in site.zones] == [
        ("building", 63, None),
        ("garage", 32, "building"),
        ("yard", 25, "building"),
    ]
    assert len(site.chargers) == 9
    assert max(visit.arrives for visit in site.visits) < 90


def test_demo_lives_the_same_way_for_the_same_seed() -> None:
    site = load_site(DEMO)

    def live(seed: int) -> list[float]:
        start = datetime(2026, 6, 21, 10, tzinfo=UTC)
        simulation = build(site, seed=seed, start=start, day_start=43_200, speed=60)
        simulation.park.advance(120)
        return list(simulation.park.currents("building"))

    assert live(1) == live(1)
    assert live(1) != live(2)


def test_defaults_and_units(tmp_path: Path) -> None:
    site = load_site(written(tmp_path))
    assert site.name == "small"
    first, second = site.stations[0].connectors
    assert (first.wiring, first.max_current, first.badge) == (Wiring.MONO2, 16, None)
    assert (second.wiring, second.max_current) == (Wiring.TRI123, 32)
    visit, at_box = site.visits
    assert (visit.outlet, visit.arrives, visit.car.battery) == ("S/2", 3, 50_000)
    assert at_box.outlet == "V/1"
    assert site.meters[2].unit == 255


def test_meters_may_measure_sun_and_battery(tmp_path: Path) -> None:
    zone = {"id": "a", "limit": 32, "pv": {"peak_kw": 5}, "battery": BATTERY}
    inside = {"id": "b", "limit": 16, "parent": "a"}
    meters = [
        {**METER, "id": measures, "port": 0, "measures": measures}
        for measures in ("supply", "solar", "battery")
    ]
    site = load_site(written(tmp_path, zones=[zone, inside], meters=meters, cars=[]))
    assert [meter.measures for meter in site.meters] == ["supply", "solar", "battery"]
    model = site.zones[0].battery
    assert model is not None
    assert (model.capacity, model.power, model.stored) == (10_000, 3_000, 0)

    noon = datetime(2026, 6, 21, 12, tzinfo=UTC)
    simulation = build(site, seed=0, start=noon, day_start=43_200, speed=1)
    simulation.park.advance(30)
    supply, solar, battery = (
        sum(simulation.park.zone("a", measured).powers) for measured in Measured
    )
    assert solar < -500
    assert battery > 500
    assert supply == pytest.approx(solar + battery)


def test_a_station_may_speak_a_newer_version(tmp_path: Path) -> None:
    station = SMALL["stations"][0]
    newer = [{**station, "protocol": "ocpp2.1"}]
    (spec,) = load_site(written(tmp_path, stations=newer)).stations
    assert spec.protocol is Protocol.OCPP_2_1
    (spec,) = load_site(written(tmp_path)).stations
    assert spec.protocol is Protocol.OCPP_1_6
    with pytest.raises(FileError, match="protocol"):
        load_site(written(tmp_path, stations=[{**station, "protocol": "ocpp3"}]))


def test_a_station_may_have_faults(tmp_path: Path) -> None:
    faulty = {
        **SMALL["stations"][0],
        "faults": {"slow": 12},
        "offline_limits": True,
        "switches_phases": True,
        "protocol": "ocpp2.1",
    }
    simulation = build(
        load_site(written(tmp_path, stations=[faulty])),
        seed=0,
        start=datetime(2026, 6, 21, tzinfo=UTC),
        day_start=0,
        speed=1,
    )
    assert simulation.stations["S"].faults.given() == {"slow": 12}
    assert simulation.stations["S"].cabinet.offline_limits
    assert simulation.stations["S"].cabinet.limits.switches_phases
    assert simulation.stations["S"].protocol is Protocol.OCPP_2_1
    with pytest.raises(FileError, match="unknown fault gremlins"):
        load_site(written(tmp_path, stations=[{**faulty, "faults": {"gremlins": True}}]))


def test_boxes(tmp_path: Path) -> None:
    vestel, app = load_site(written(tmp_path)).boxes
    assert (vestel.zone, vestel.port, vestel.unit, vestel.fallback) == ("b", 5022, 255, None)
    assert (vestel.connector.wiring, vestel.connector.max_current) == (Wiring.MONO1, 16)
    assert (app.fallback, app.starts_free) == (8, True)


def test_units_on_one_port_share_a_gateway(tmp_path: Path) -> None:
    simulation = build(
        load_site(written(tmp_path)),
        seed=0,
        start=datetime(2026, 6, 21, tzinfo=UTC),
        day_start=0,
        speed=1,
    )
    behind = {
        tuple(unit.label for unit in server.units): server.port for server in simulation.servers
    }
    assert behind == {
        ("meter m: klefr", "meter n: schneider_iem3000"): 5021,
        ("meter o: klefr",): 0,
        ("box V: vestel",): 5022,
    }


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"zones": []}, r"\$.zones"),
        ({"zones": [{"id": "a", "limit": 1, "parent": "x"}]}, "unknown zone x"),
        (
            {
                "zones": [
                    {"id": "a", "limit": 1, "parent": "b"},
                    {"id": "b", "limit": 1, "parent": "a"},
                ]
            },
            "inside itself",
        ),
        ({"zones": [{"id": "a", "limit": 1}, {"id": "a", "limit": 1}]}, "two of zone a"),
        ({"cars": [{"station": "S", "connector": 3}]}, "unknown connector S/3"),
        ({"cars": [{"station": "S", "battery_kwh": 5, "stored_kwh": 9}]}, "cannot hold"),
        ({"place": {"latitude": 0, "longitude": 0, "timezone": "Mars/Base"}}, "time zone"),
        (
            {"zones": [{"id": "a", "limit": 1, "battery": {**BATTERY, "stored_kwh": 11}}]},
            "cannot hold",
        ),
        ({"meters": [{**METER, "measures": "solar"}]}, "meter m measures solar, of which a"),
        ({"meters": [{**METER, "measures": "battery"}]}, "meter m measures battery"),
        ({"prices": {"import": [20]}}, r"\$.prices.import"),
        ({"date": "soon"}, r"\$.date"),
        ({"speed": 5}, "Additional properties"),
        ({"stations": [{"id": "S", "zone": "c", "connectors": [{}]}]}, "unknown zone c"),
        ({"boxes": [{"id": "S", "zone": "a", "kind": "app"}]}, "two of charger S"),
        ({"boxes": [{"id": "V", "zone": "a", "kind": "fax"}]}, "is not one of"),
    ],
)
def test_wrong_files_say_why(tmp_path: Path, changes: dict[str, object], why: str) -> None:
    with pytest.raises(FileError, match=why):
        load_site(written(tmp_path, **changes))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file"):
        load_site(tmp_path / "missing.yaml")
    (tmp_path / "broken.yaml").write_text("a: [", encoding="utf-8")
    with pytest.raises(FileError, match="expected"):
        load_site(tmp_path / "broken.yaml")
