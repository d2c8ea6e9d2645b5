"""What other integrations of a real Home Assistant expect of the next hours."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from unittest.mock import patch

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.forecasts.series import Series, Slot
from custom_components.headroom.plan.inputs import PlanInputs
from custom_components.headroom.plan.price_actions import ASKED_EVERY
from custom_components.headroom.plan.solar_forecast import ASKED_EVERY as SUN_ASKED_EVERY
from custom_components.headroom.plan.source import KEPT
from custom_components.headroom.plan.task import LONGEST
from tests.chargers.ocpp.charge_point import PATIENCE

NOW = datetime(2026, 3, 10, 21, tzinfo=UTC)
HOUR = timedelta(hours=1)


def series(*values: float, start: datetime = NOW) -> Series:
    return Series(
        tuple(
            Slot(start + n * HOUR, start + (n + 1) * HOUR, cast("float", pytest.approx(value)))
            for n, value in enumerate(values)
        )
    )


def rows(*values: float, start: datetime = NOW, key: str = "price") -> list[dict[str, Any]]:
    return [{"start": (start + n * HOUR).isoformat(), key: value} for n, value in enumerate(values)]


def sensor(hass: HomeAssistant, platform: str, name: str = "price") -> str:
    """Register a sensor of an integration that shows no list."""
    config = MockConfigEntry(domain=platform)
    config.add_to_hass(hass)
    registry = er.async_get(hass)
    entity = registry.async_get_or_create("sensor", platform, name, config_entry=config)
    hass.states.async_set(entity.entity_id, "0.1")
    return entity.id


class Asked:
    """An action of another integration that answers as it is told."""

    def __init__(self, hass: HomeAssistant, domain: str, action: str) -> None:
        self.answers: list[dict[str, Any] | Exception] = []
        self.calls: list[Mapping[str, Any]] = []
        hass.services.async_register(
            domain, action, self._answer, supports_response=SupportsResponse.ONLY
        )

    async def _answer(self, call: ServiceCall) -> ServiceResponse:
        self.calls.append(call.data)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
async def inputs(hass: HomeAssistant) -> PlanInputs:
    """Return the inputs of a home on UTC."""
    await hass.config.async_set_time_zone("UTC")
    return PlanInputs(hass)


async def test_without_entities_nothing_is_expected(inputs: PlanInputs) -> None:
    forecasts = await inputs.read({}, NOW)
    assert (forecasts.price, forecasts.export, forecasts.sun) == (Series(), Series(), ())


async def test_rates_of_two_days_are_one_series(hass: HomeAssistant, inputs: PlanInputs) -> None:
    today = {"rates": rows(0.1, 0.2, key="value_inc_vat")}
    tomorrow = {"rates": rows(0.3, start=NOW + 2 * HOUR, key="value_inc_vat")}
    hass.states.async_set("event.today", "2026-03-10T20:00:00", today)
    hass.states.async_set("event.tomorrow", "2026-03-10T20:00:00", tomorrow)
    options = {"plan_entities": ["event.today", "event.tomorrow"], "price_entity": "sensor.other"}
    forecasts = await inputs.read(options, NOW)
    assert forecasts.price == series(0.1, 0.2, 0.3)
    assert inputs.chosen(options) == ["event.today", "event.tomorrow"]


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("EUR/kWh", 1), ("EUR/MWh", 0.001), ("ct/kWh", 0.01), ("gCO2eq/kWh", 1), ("", 1)],
)
async def test_values_are_per_kilowatt_hour(
    hass: HomeAssistant, inputs: PlanInputs, unit: str, factor: float
) -> None:
    attributes = {"unit_of_measurement": unit, "prices": rows(10, 20)}
    hass.states.async_set("sensor.price", "10", attributes)
    forecasts = await inputs.read({"price_entity": "sensor.price"}, NOW)
    assert forecasts.price == series(10 * factor, 20 * factor)


async def test_a_plan_by_carbon_knows_no_export(hass: HomeAssistant, inputs: PlanInputs) -> None:
    hass.states.async_set("sensor.carbon", "100", {"forecast": rows(100, 50, key="intensity")})
    hass.states.async_set("sensor.export", "0.08")
    options = {
        "plan_by": "carbon",
        "price_entity": "sensor.price",
        "carbon_entity": "sensor.carbon",
        "export_price_entity": "sensor.export",
    }
    forecasts = await inputs.read(options, NOW)
    assert forecasts.price == series(100, 50)
    assert forecasts.export == Series()


async def test_export_is_as_it_is_now_unless_more_is_known(
    hass: HomeAssistant, inputs: PlanInputs
) -> None:
    options = {"export_price_entity": "sensor.export"}
    assert (await inputs.read(options, NOW)).export == Series()
    hass.states.async_set("sensor.export", "8", {"unit_of_measurement": "ct/kWh"})
    found = (await inputs.read(options, NOW)).export
    assert found == Series((Slot(NOW, NOW + LONGEST, 0.08),))
    hass.states.async_set("sensor.export", "unknown")
    assert (await inputs.read(options, NOW)).export == Series()
    hass.states.async_set("sensor.export", "8", {"prices": rows(0.07, 0.06)})
    assert (await inputs.read(options, NOW)).export == series(0.07, 0.06)


async def test_prices_of_the_core_integration_of_nord_pool_are_asked_for(
    hass: HomeAssistant, inputs: PlanInputs
) -> None:
    asked = Asked(hass, "nordpool", "get_prices_for_date")
    asked.answers = [{"SE3": rows(100, 200)}, {"SE3": rows(300, start=NOW + 2 * HOUR)}]
    options = {"price_entity": sensor(hass, "nordpool")}
    assert (await inputs.read(options, NOW)).price == series(0.1, 0.2, 0.3)
    assert [call["date"] for call in asked.calls] == ["2026-03-10", "2026-03-11"]

    again = await inputs.read(options, NOW + ASKED_EVERY - timedelta(seconds=1))
    assert again.price == series(0.1, 0.2, 0.3)
    asked.answers = [{"SE3": rows(400)}, {}]
    later = await inputs.read(options, NOW + ASKED_EVERY)
    assert later.price == series(0.4)


async def test_prices_of_tibber_are_asked_for(hass: HomeAssistant, inputs: PlanInputs) -> None:
    asked = Asked(hass, "tibber", "get_prices")
    home = [{"start_time": row["start"], "price": row["price"]} for row in rows(0.1, 0.2)]
    asked.answers = [{"prices": {"Home": home, "Cabin": []}}]
    options = {"price_entity": sensor(hass, "tibber")}
    assert (await inputs.read(options, NOW)).price == series(0.1, 0.2)


@pytest.mark.parametrize(
    "answer", [HomeAssistantError("offline"), TimeoutError(), KeyError("homes"), {}, {"prices": 1}]
)
async def test_an_action_that_fails_is_asked_again_soon_and_then_less_often(
    hass: HomeAssistant, inputs: PlanInputs, answer: dict[str, Any] | Exception
) -> None:
    asked = Asked(hass, "tibber", "get_prices")
    options = {"price_entity": sensor(hass, "tibber")}
    now = NOW
    for minutes in (1, 2, 4):
        asked.answers = [answer]
        assert (await inputs.read(options, now)).price == Series()
        retry_at = inputs.retry_at(now)
        assert retry_at == now + timedelta(minutes=minutes)
        assert (await inputs.read(options, now + timedelta(seconds=59))).price == Series()
        now = retry_at
    asked.answers = [{"prices": {"Home": rows(0.1)}}]
    assert (await inputs.read(options, now)).price == series(0.1)
    assert inputs.retry_at(now) is None


async def test_what_is_not_asked_any_more_is_not_waited_for(
    hass: HomeAssistant, inputs: PlanInputs
) -> None:
    asked = Asked(hass, "tibber", "get_prices")
    asked.answers = [HomeAssistantError("offline")]
    await inputs.read({"price_entity": sensor(hass, "tibber")}, NOW)
    later = NOW + timedelta(hours=1)
    await inputs.read({}, later)
    assert inputs.retry_at(later) is None


async def test_an_action_that_fails_is_logged_once_and_what_was_known_counts(
    hass: HomeAssistant, inputs: PlanInputs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    asked = Asked(hass, "tibber", "get_prices")
    options = {"price_entity": sensor(hass, "tibber")}
    asked.answers = [{"prices": {"Home": rows(0.1, 0.2)}}]
    await inputs.read(options, NOW)
    for minutes in (30, 31, 33):
        asked.answers = [HomeAssistantError("offline")]
        found = await inputs.read(options, NOW + timedelta(minutes=minutes))
        assert found.price == series(0.1, 0.2)
    assert caplog.text.count("tibber_price cannot be asked for: offline") == 1
    assert "shows nothing" not in caplog.text
    assert (await inputs.read(options, NOW + 2 * HOUR)).price == Series()
    asked.answers = [{"prices": {"Home": rows(0.3, start=NOW + 2 * HOUR)}}]
    await inputs.read(options, NOW + 3 * HOUR)
    assert caplog.text.count("tibber_price can be asked for again") == 1


async def test_an_action_that_hangs_is_not_waited_for(
    hass: HomeAssistant, inputs: PlanInputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(_: ServiceCall) -> ServiceResponse:
        await asyncio.Event().wait()
        raise AssertionError("nobody waits for it")

    monkeypatch.setattr("custom_components.headroom.plan.source.PATIENCE", 0.0)
    hass.services.async_register(
        "tibber", "get_prices", hang, supports_response=SupportsResponse.ONLY
    )
    options = {"price_entity": sensor(hass, "tibber")}
    async with asyncio.timeout(PATIENCE):
        assert (await inputs.read(options, NOW)).price == Series()


async def test_each_entry_of_an_integration_is_asked_for_itself(
    hass: HomeAssistant, inputs: PlanInputs
) -> None:
    asked = Asked(hass, "nordpool", "get_prices_for_date")
    one, other = sensor(hass, "nordpool"), sensor(hass, "nordpool", "other")
    asked.answers = [{"SE3": rows(100)}, {}, {"SE4": rows(300)}, {}]
    assert (await inputs.read({"price_entity": one}, NOW)).price == series(0.1)
    assert (await inputs.read({"price_entity": other}, NOW)).price == series(0.3)
    assert len({call["config_entry"] for call in asked.calls}) == 2


async def test_prices_of_tomorrow_may_fail(hass: HomeAssistant, inputs: PlanInputs) -> None:
    asked = Asked(hass, "nordpool", "get_prices_for_date")
    asked.answers = [{"SE3": rows(100)}, HomeAssistantError("not yet")]
    options = {"price_entity": sensor(hass, "nordpool")}
    assert (await inputs.read(options, NOW)).price == series(0.1)


async def test_prices_that_were_shown_count_while_their_sensor_shows_none(
    hass: HomeAssistant, inputs: PlanInputs
) -> None:
    options = {"price_entity": "sensor.price"}
    hass.states.async_set("sensor.price", "0.1", {"prices": rows(0.1, 0.2)})
    await inputs.read(options, NOW)
    hass.states.async_set("sensor.price", "unavailable")
    assert (await inputs.read(options, NOW + HOUR)).price == series(0.1, 0.2)
    assert (await inputs.read(options, NOW + 2 * HOUR)).price == Series()


async def test_a_sensor_without_a_list_is_no_forecast(
    hass: HomeAssistant, inputs: PlanInputs
) -> None:
    assert (await inputs.read({"price_entity": sensor(hass, "acme")}, NOW)).price == Series()
    hass.states.async_set("sensor.bare", "0.3")
    assert (await inputs.read({"price_entity": "sensor.bare"}, NOW)).price == Series()
    assert (await inputs.read({"price_entity": "sensor.gone"}, NOW)).price == Series()


WH = {
    (NOW + timedelta(minutes=30 * n)).isoformat(): energy
    for n, energy in enumerate((500, 1000, 250))
}


class Dashboard:
    """The energy dashboard with two roofs, of which one integration is not there any more."""

    data: Mapping[str, Any] | None

    def __init__(self, *forecasts: str) -> None:
        first, second = forecasts
        self.data = {
            "energy_sources": [
                {"type": "grid"},
                {"type": "solar", "config_entry_solar_forecast": [first, second]},
                {"type": "solar", "config_entry_solar_forecast": None},
                {"type": "solar", "config_entry_solar_forecast": ["gone", first]},
            ]
        }
        self.answer: Mapping[str, Any] | Exception | None = {"wh_hours": WH}


@pytest.fixture
def sunny(hass: HomeAssistant) -> MockConfigEntry:
    """Return the integration of a roof."""
    entry = MockConfigEntry(domain="sunny", title="Roof", state=ConfigEntryState.LOADED)
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
def dashboard(hass: HomeAssistant, sunny: MockConfigEntry) -> Iterator[Dashboard]:
    """Put forecasts into the energy dashboard."""
    silent = MockConfigEntry(domain="silent", state=ConfigEntryState.LOADED)
    silent.add_to_hass(hass)
    hass.config.components.add("energy")
    found = Dashboard(sunny.entry_id, silent.entry_id)

    async def forecast(_: HomeAssistant, entry_id: str) -> Mapping[str, Any] | None:
        if entry_id != sunny.entry_id:
            return None
        if isinstance(found.answer, Exception):
            raise found.answer
        return found.answer

    async def manager(_: HomeAssistant) -> Dashboard:
        return found

    async def platforms(_: HomeAssistant) -> Mapping[str, Any]:
        return {"sunny": forecast, "silent": forecast}

    module = "homeassistant.components.energy.websocket_api"
    with (
        patch(f"{module}.async_get_manager", manager),
        patch(f"{module}.async_get_energy_platforms", platforms),
    ):
        yield found


HALF = timedelta(minutes=30)
SUN = Series(
    (
        Slot(NOW, NOW + HALF, 1000),
        Slot(NOW + HALF, NOW + 2 * HALF, 2000),
        Slot(NOW + 2 * HALF, NOW + 2 * HALF + HOUR, 250),
    )
)


async def test_the_sun_is_that_of_the_energy_dashboard(
    inputs: PlanInputs, dashboard: Dashboard
) -> None:
    roofs = (await inputs.read({}, NOW)).sun
    assert len(roofs) == 2
    assert set(roofs) == {Series(), SUN}
    assert (await inputs.read({"plan_sun": False}, NOW)).sun == ()
    dashboard.data = None
    assert (await inputs.read({}, NOW)).sun == ()


@pytest.mark.parametrize("answer", [KeyError("wh_hours"), {"wh_hours": {"noon": 1}}, {}, None])
async def test_a_forecast_that_fails_leaves_the_older_one_for_a_day(
    inputs: PlanInputs,
    dashboard: Dashboard,
    answer: Mapping[str, Any] | Exception | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    await inputs.read({}, NOW)
    dashboard.answer = answer
    for times in range(1, 4):
        assert SUN in (await inputs.read({}, NOW + times * SUN_ASKED_EVERY)).sun
    assert SUN not in (await inputs.read({}, NOW + KEPT + HOUR)).sun
    dashboard.answer = {"wh_hours": WH}
    assert SUN in (await inputs.read({}, NOW + KEPT + 2 * HOUR)).sun
    faults = caplog.text.count("The solar forecast Roof cannot be asked for")
    assert faults == caplog.text.count("The solar forecast Roof can be asked for again")
    assert faults == (answer is not None)


async def test_an_integration_that_is_not_loaded_is_not_asked(
    hass: HomeAssistant, inputs: PlanInputs, dashboard: Dashboard, sunny: MockConfigEntry
) -> None:
    await inputs.read({}, NOW)
    sunny.mock_state(hass, ConfigEntryState.SETUP_RETRY)
    dashboard.answer = AssertionError("nobody asks")
    assert SUN in (await inputs.read({}, NOW + SUN_ASKED_EVERY)).sun


async def test_without_the_energy_dashboard_there_is_no_sun(inputs: PlanInputs) -> None:
    assert (await inputs.read({}, NOW)).sun == ()
