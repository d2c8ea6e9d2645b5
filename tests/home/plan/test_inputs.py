"""What other integrations of a real Home Assistant expect of the next hours."""

import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from unittest.mock import patch

import pytest
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
from custom_components.headroom.plan.solar_forecast import expected_sun
from custom_components.headroom.plan.task import LONGEST

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


def sensor(hass: HomeAssistant, platform: str) -> str:
    """Register a sensor of an integration that shows no list."""
    config = MockConfigEntry(domain=platform)
    config.add_to_hass(hass)
    registry = er.async_get(hass)
    entity = registry.async_get_or_create("sensor", platform, "price", config_entry=config)
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
    assert (forecasts.price, forecasts.export, forecasts.sun) == (Series(), Series(), Series())


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
    "answer", [HomeAssistantError("offline"), TimeoutError(), {}, {"prices": 1}]
)
async def test_an_action_that_fails_leaves_no_prices_and_is_logged_once(
    hass: HomeAssistant,
    inputs: PlanInputs,
    answer: dict[str, Any] | Exception,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    asked = Asked(hass, "tibber", "get_prices")
    asked.answers = [answer, answer]
    options = {"price_entity": sensor(hass, "tibber")}
    for when in (NOW, NOW + ASKED_EVERY):
        assert (await inputs.read(options, when)).price == Series()
    assert caplog.text.count("The forecast of price shows nothing") == 1


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

    def __init__(self, first: str, second: str) -> None:
        self.data = {
            "energy_sources": [
                {"type": "grid"},
                {"type": "solar", "config_entry_solar_forecast": [first, second]},
                {"type": "solar", "config_entry_solar_forecast": None},
                {"type": "solar", "config_entry_solar_forecast": ["gone", first]},
            ]
        }


@pytest.fixture
def dashboard(hass: HomeAssistant) -> Iterator[Dashboard]:
    """Put forecasts into the energy dashboard."""
    sunny, silent = MockConfigEntry(domain="sunny"), MockConfigEntry(domain="silent")
    for config in (sunny, silent):
        config.add_to_hass(hass)
    hass.config.components.add("energy")
    found = Dashboard(sunny.entry_id, silent.entry_id)

    async def forecast(_: HomeAssistant, entry_id: str) -> Mapping[str, Any] | None:
        return {"wh_hours": WH} if entry_id == sunny.entry_id else None

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


async def test_the_sun_is_that_of_the_energy_dashboard(
    hass: HomeAssistant, inputs: PlanInputs, dashboard: Dashboard
) -> None:
    half = timedelta(minutes=30)
    expected = Series(
        (
            Slot(NOW, NOW + half, 1000),
            Slot(NOW + half, NOW + 2 * half, 2000),
            Slot(NOW + 2 * half, NOW + 2 * half + HOUR, 250),
        )
    )
    assert await expected_sun(hass) == expected
    assert (await inputs.read({}, NOW)).sun == expected
    assert (await inputs.read({"plan_sun": False}, NOW)).sun == Series()
    dashboard.data = None
    assert await expected_sun(hass) == Series()


async def test_without_the_energy_dashboard_there_is_no_sun(hass: HomeAssistant) -> None:
    assert await expected_sun(hass) == Series()
