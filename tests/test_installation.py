"""From subentries to the engine's site."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, time, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from homeassistant.config_entries import ConfigSubentry

from custom_components.headroom.engine.cars.asleep import QueuePolicy
from custom_components.headroom.engine.cars.wear import WearPolicy
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.site.breaker import ProtectiveDevice
from custom_components.headroom.engine.site.degraded import OfflinePolicy
from custom_components.headroom.engine.site.errors import SiteError
from custom_components.headroom.engine.site.model import (
    Charger,
    Connector,
    Meter,
    MeterRole,
    Rules,
    SharingMode,
    Site,
    Supply,
    Zone,
)
from custom_components.headroom.engine.site.tariff import TariffPeriod
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.turns.rotation import SheddingPriority
from custom_components.headroom.engine.when.weekly import WeeklySlot
from custom_components.headroom.installation import (
    NO_METER,
    InstallationFault,
    build_running_site,
    build_site,
    connector_names,
    fault_of_change,
    faults_of_models,
)
from custom_components.headroom.parts import connector_id, rules_of


def part(subentry_type: str, subentry_id: str, data: Mapping[str, Any]) -> ConfigSubentry:
    return ConfigSubentry(
        data=MappingProxyType(data),
        subentry_id=subentry_id,
        subentry_type=subentry_type,
        title=subentry_id.title(),
        unique_id=f"{subentry_type}_{subentry_id}",
    )


def zone(zone_id: str, limit: float = 32.0, **data: Any) -> ConfigSubentry:
    limits = {"limit_l1": limit, "limit_l2": limit, "limit_l3": limit}
    return part("zone", zone_id, {**limits, "supply": "static", "degraded": 0.0, **data})


def meter(meter_id: str, zone_id: str, period: int = 500) -> ConfigSubentry:
    return part("meter", meter_id, {"zone": zone_id, "period": period})


def charger(charger_id: str, zone_id: str, *fallbacks: float) -> ConfigSubentry:
    connectors = [
        {"wiring": "mono2", "max_current": 32.0, "floor": 6.0, "fallback": fallback}
        for fallback in fallbacks or (0.0,)
    ]
    data = {"station_id": charger_id, "zone": zone_id, "connectors": connectors}
    return part("charger", charger_id, data)


def left_out(
    *items: ConfigSubentry,
) -> list[tuple[str, str]]:
    """Return id and key of each subentry that has no place in the running site."""
    return [(fault.subentry_id, fault.key) for fault in build_running_site(items)[1]]


def ids(site: Site) -> list[str]:
    zones, meters, chargers = site.zones, site.meters, site.chargers
    return [*(z.id for z in zones), *(m.id for m in meters), *(c.id for c in chargers)]


def test_a_site_is_what_its_subentries_say() -> None:
    items = [
        charger("cp1", "garage", 0.0, 10.0),
        zone("garage", 32.0, parent="main", supply="dynamic", degraded=8.0),
        meter("em", "garage"),
        zone("main", 63.0, limit_l2=50.0),
    ]
    site = Site(
        zones=(
            Zone(
                id="garage",
                limit=PerPhase.same(32.0),
                parent="main",
                supply=Supply.DYNAMIC,
                degraded=8.0,
            ),
            Zone(id="main", limit=PerPhase(63.0, 50.0, 63.0)),
        ),
        meters=(Meter(id="em", zone="garage"),),
        chargers=(
            Charger(
                id="cp1",
                zone="garage",
                connectors=(
                    Connector(id="cp1:1", wiring=Wiring.MONO2, fallback=0.0),
                    Connector(id="cp1:2", wiring=Wiring.MONO2, fallback=10.0),
                ),
            ),
        ),
    )
    assert build_site(items) == site
    assert build_running_site(items) == (site, ())


def test_a_fallback_that_nobody_gave_is_left_to_the_engine() -> None:
    connector = {"wiring": "mono2", "max_current": 32.0, "floor": 8.0}
    site = build_site(
        [zone("main"), part("charger", "cp1", {"zone": "main", "connectors": [connector]})]
    )
    assert site.connectors[0].fallback is None
    assert site.fallback_of["cp1:1"] == 8.0


def only_zone(**data: Any) -> Zone:
    (built,) = build_site([zone("main", **data)]).zones
    return built


def test_what_a_zone_does_not_say_is_as_the_engine_has_it() -> None:
    assert only_zone() == Zone(id="main", limit=PerPhase.same(32.0))


def test_a_zone_has_the_rules_that_its_form_asks_for() -> None:
    built = only_zone(
        sharing="combined",
        fifo_percent=30,
        protection="gg",
        margin=10,
        contracted_power=13.8,
        cluster_max=20.0,
        unbalance=16.0,
        scale_fallback=True,
    )
    assert built == Zone(
        id="main",
        limit=PerPhase.same(32.0),
        sharing=SharingMode.COMBINED,
        fifo_share=0.3,
        protection=ProtectiveDevice.GG,
        margin=10,
        power=13_800,
        cluster_max=20.0,
        unbalance=16.0,
        scale_fallback=True,
    )
    assert only_zone(sharing="inherit").sharing is None


@pytest.mark.parametrize(
    ("entered", "assumed"),
    [
        ({}, None),
        ({"assumed_l1": 8.0}, PerPhase.same(8.0)),
        ({"assumed_l2": 8.0, "assumed_l3": 2.0}, PerPhase(8.0, 8.0, 2.0)),
        ({"assumed_l1": 1.0, "assumed_l2": 0.0, "assumed_l3": 2.0}, PerPhase(1.0, 0.0, 2.0)),
    ],
)
def test_an_assumed_load_that_is_left_empty_counts_like_the_highest(
    entered: dict[str, float], assumed: PerPhase | None
) -> None:
    assert only_zone(supply="dynamic", **entered).assumed_loads == assumed


def test_a_connector_has_the_privileges_that_its_form_asks_for() -> None:
    plain = {"wiring": "mono2", "max_current": 32.0, "floor": 6.0, "fallback": 0.0}
    special = plain | {"offline": "keep", "vip": True, "priority": True, "order": 5}
    data = {"station_id": "cp1", "zone": "main", "connectors": [plain, special]}
    site = build_site([zone("main"), part("charger", "cp1", data)])
    assert site.connectors == (
        Connector(id="cp1:1", wiring=Wiring.MONO2, fallback=0.0),
        Connector(
            id="cp1:2",
            wiring=Wiring.MONO2,
            fallback=0.0,
            offline=OfflinePolicy.KEEP,
            vip=True,
            priority=True,
            order=5,
        ),
    )


def test_a_reporting_meter_supplies_no_zone() -> None:
    reporting = part("meter", "em", {"zone": "main", "period": 500, "role": "outlet"})
    site, faults = build_running_site([zone("main", supply="dynamic"), reporting])
    assert site.meters == (Meter(id="em", zone="main", role=MeterRole.OUTLET),)
    assert [fault.key for fault in faults] == [NO_METER]


def test_rules_that_nobody_changed_are_the_engines() -> None:
    assert rules_of({}, UTC) == Rules()


def test_rules_are_those_of_the_options() -> None:
    options = {
        "shedding": "duration",
        "priority_hours": ["0", "23"],
        "stops": 2,
        "state_b": False,
        "low_draw": True,
        "wait": 60,
        "retries": 2,
        "retry_period": 30,
    }
    rules = rules_of(options, ZoneInfo("Europe/Vienna"))
    assert rules == Rules(
        shedding=SheddingPriority.DURATION,
        queue=QueuePolicy(
            state_b=False,
            low_draw=True,
            wait=timedelta(seconds=60),
            retries=2,
            retry_period=timedelta(seconds=30),
        ),
        wear=WearPolicy(stops=2),
        priority_hours=frozenset({0, 23}),
        time_zone=ZoneInfo("Europe/Vienna"),
    )


@pytest.mark.parametrize("fault", [(), (charger("lost", "deleted"),)])
def test_the_running_site_has_the_rules_whatever_is_left_out(
    fault: tuple[ConfigSubentry, ...],
) -> None:
    rules = Rules(shedding=SheddingPriority.ARRIVAL)
    site, _ = build_running_site([zone("main"), *fault], rules)
    assert site.rules == rules


def test_connectors_are_numbered_from_one() -> None:
    site = build_site([zone("main"), charger("cp1", "main", 0.0, 0.0)])
    assert [c.id for c in site.connectors] == [connector_id("cp1", 1), connector_id("cp1", 2)]


@pytest.mark.parametrize(("period", "seconds"), [(250, 5), (2500, 5), (3000, 6), (60_000, 120)])
def test_a_slow_meter_may_be_silent_for_two_periods(period: int, seconds: int) -> None:
    site = build_site([zone("main"), meter("em", "main", period)])
    assert site.meters[0].max_age == timedelta(seconds=seconds)


def test_a_meter_of_sensors_may_be_as_old_as_a_person_says() -> None:
    data = {"zone": "main", "family": "entities", "max_age": 90}
    items = [zone("main", supply="dynamic"), part("meter", "em", data)]
    assert build_site(items).meters == (Meter(id="em", zone="main", max_age=timedelta(seconds=90)),)
    assert faults_of_models(items, {}) == ()


def test_a_strict_site_does_not_forgive() -> None:
    with pytest.raises(SiteError, match="unknown_zone"):
        build_site([charger("cp1", "deleted")])


def test_a_dynamic_zone_without_a_meter_runs_and_is_named() -> None:
    site, faults = build_running_site([zone("main", supply="dynamic")])
    assert ids(site) == ["main"]
    assert faults == (
        InstallationFault(
            key=NO_METER, subentry_id="main", placeholders={"zone": "Main"}, left_out=False
        ),
    )


def test_what_hangs_on_a_deleted_zone_is_left_out() -> None:
    items = [
        zone("main", 63.0),
        zone("garage", parent="deleted"),
        zone("shed", parent="garage"),
        meter("em1", "garage"),
        meter("em2", "main"),
        charger("cp1", "shed"),
        charger("cp2", "main"),
        charger("cp3", "deleted"),
    ]
    assert ids(build_running_site(items)[0]) == ["main", "em2", "cp2"]
    assert left_out(*items) == [
        (subentry_id, "unknown_zone") for subentry_id in ("garage", "shed", "em1", "cp1", "cp3")
    ]


def test_zones_in_a_ring_are_left_out_with_all_below() -> None:
    items = [
        zone("main"),
        zone("a", parent="b"),
        zone("b", parent="a"),
        zone("c", parent="b"),
        charger("cp1", "c"),
    ]
    assert ids(build_running_site(items)[0]) == ["main"]
    assert left_out(*items) == [
        ("a", "zone_loop"),
        ("b", "zone_loop"),
        ("c", "zone_loop"),
        ("cp1", "unknown_zone"),
    ]


def test_a_fault_is_told_in_names() -> None:
    (fault,) = build_running_site([zone("main"), zone("garage", 40.0, parent="main")])[1]
    assert fault == InstallationFault(
        key="zone_above_parent",
        subentry_id="garage",
        placeholders={
            "zone": "Garage",
            "parent": "Main",
            "phase": "L1",
            "limit": "40",
            "parent_limit": "32",
        },
        left_out=True,
    )


def test_a_connector_is_named_by_its_charger_and_number() -> None:
    (fault,) = build_running_site([zone("main"), charger("cp1", "main", 0.0, 33.0)])[1]
    assert fault.key == "fallback_above_max"
    assert fault.placeholders == {"connector": "Cp1 (2)"}


def test_the_only_connector_of_a_charger_is_called_as_the_charger() -> None:
    one, two = charger("cp1", "main", 0.0), charger("cp2", "main", 0.0, 0.0)
    assert connector_names([one, two]) == {
        "cp1:1": "Cp1",
        "cp2:1": "Cp2 (1)",
        "cp2:2": "Cp2 (2)",
    }


def test_who_comes_later_is_left_out() -> None:
    items = [
        zone("main"),
        meter("em1", "main"),
        meter("em2", "main"),
        charger("cp1", "main", 20.0),
        charger("cp2", "main", 20.0),
        charger("cp3", "main", 12.0),
    ]
    assert ids(build_running_site(items)[0]) == ["main", "em1", "cp1", "cp3"]
    assert left_out(*items) == [("em2", "second_meter"), ("cp2", "fallback_above_zone")]


def test_an_empty_installation_is_an_empty_site() -> None:
    assert build_running_site([]) == (Site(), ())


def test_subentries_of_other_kinds_are_no_part_of_the_site() -> None:
    assert build_running_site([part("tariff", "night", {})]) == (Site(), ())


def test_a_sound_change_has_no_fault() -> None:
    items = [zone("main"), charger("cp1", "main")]
    assert fault_of_change(items, charger("cp2", "main")) is None
    assert fault_of_change(items, zone("main", 6.0)) is None
    assert fault_of_change(items, zone("yard", supply="dynamic")) is None


@pytest.mark.parametrize(
    ("changed", "blamed", "key"),
    [
        (charger("cp2", "deleted"), "cp2", "unknown_zone"),
        (charger("cp1", "main", 33.0), "cp1", "fallback_above_max"),
        (zone("shed", parent="main"), "cp1", "zone_not_terminal"),
        (zone("main", 9.0), "cp1", "fallback_above_zone"),
    ],
)
def test_a_change_is_blamed_for_what_it_does_to_others(
    changed: ConfigSubentry, blamed: str, key: str
) -> None:
    fault = fault_of_change([zone("main"), charger("cp1", "main", 10.0)], changed)
    assert fault is not None
    assert (fault.subentry_id, fault.key) == (blamed, key)


def test_a_change_is_not_blamed_for_older_faults_of_others() -> None:
    items = [zone("main"), zone("orphan", parent="deleted"), charger("lost", "orphan")]
    assert fault_of_change(items, charger("cp1", "main")) is None


def test_a_change_must_mend_its_own_fault() -> None:
    items = [zone("main"), zone("orphan", parent="deleted")]
    fault = fault_of_change(items, zone("orphan", 20.0, parent="deleted"))
    assert fault is not None
    assert fault.key == "unknown_zone"
    assert fault_of_change(items, zone("orphan", 20.0, parent="main")) is None


def test_of_two_chargers_with_one_station_id_the_second_is_left_out() -> None:
    first, second = charger("cp1", "main"), charger("cp2", "main")
    twin = replace(second, data=MappingProxyType({**second.data, "station_id": "cp1"}))
    site, faults = build_running_site([zone("main"), first, twin])
    assert ids(site) == ["main", "cp1"]
    assert [(fault.subentry_id, fault.key) for fault in faults] == [("cp2", "duplicate_id")]
    assert faults[0].placeholders["id"] == "Cp1"


def tariff(period_id: str, **data: Any) -> ConfigSubentry:
    finished = {
        "slots": [{"start": "22:00", "end": "06:00"}],
        "weekdays": ["sun", "mon"],
        "percent": 60,
    }
    return part("tariff_period", period_id, finished | data)


def test_a_tariff_period_is_what_its_subentry_says() -> None:
    (period,) = build_site([zone("z"), tariff("p", zones=["z"])]).tariffs
    hours = WeeklySlot(frozenset({6, 0}), time(22), time(6))
    assert period == TariffPeriod(id="p", slots=(hours,), percent=60, zones=frozenset({"z"}))
    assert build_site([tariff("p")]).tariffs[0].zones is None


@pytest.mark.parametrize(
    "damage",
    [
        {"percent": None},
        {"percent": ""},
        {"percent": 101},
        {"weekdays": []},
        {"weekdays": ["someday"]},
        {"slots": []},
        {"slots": None},
        {"slots": [{"start": "22:00"}]},
        {"slots": [{"start": "25:00", "end": "06:00"}]},
        {"slots": [{"start": "22:00:30", "end": "06:00"}]},
    ],
    ids=str,
)
def test_a_damaged_tariff_period_is_left_out_alone(damage: dict[str, Any]) -> None:
    site, faults = build_running_site([zone("z"), tariff("p", **damage), tariff("q")])
    assert [period.id for period in site.tariffs] == ["q"]
    (fault,) = faults
    assert (fault.key, fault.subentry_id, fault.left_out) == ("tariff_unfinished", "p", True)
    assert fault.placeholders == {"period": "P"}


def test_a_sixth_tariff_period_is_left_out() -> None:
    site, faults = build_running_site([tariff(str(number)) for number in range(6)])
    assert [period.id for period in site.tariffs] == ["0", "1", "2", "3", "4"]
    assert [(fault.key, fault.subentry_id) for fault in faults] == [("tariff_periods", "5")]
