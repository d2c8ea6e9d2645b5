"""Every shipped scenario goes as it expects, by the runner that a person uses."""

import json
from pathlib import Path

import pytest

from simulator.__main__ import main

SCENARIOS = Path("simulator/scenarios")
SHIPPED = sorted(SCENARIOS.rglob("*.json"))
VECTORS = {
    "circontrol_table",
    "combined_floors",
    "combined_table",
    "connector_order",
    "consumption_screen",
    "contract_and_breaker",
    "degraded_per_phase",
    "degraded_scale_cap",
    "degraded_table",
    "digital_inputs",
    "energy_manager",
    "energy_rotation",
    "equal_29",
    "equal_modest_car",
    "fifo_table",
    "fifo_vip",
    "g100_lockout",
    "grid_operator",
    "off_peak_cases",
    "off_peak_continues",
    "off_peak_weekend_as_weekdays",
    "off_peak_weekend_off_peak",
    "off_peak_weekend_peak",
    "peak_guard_quarter",
    "plan_waits_and_charges",
    "priority_example",
    "sun_battery_by_charge",
    "sun_battery_first",
    "sun_car_first",
    "sun_cloud",
    "sun_hybrid",
    "sun_meter_silent",
    "sun_phases",
    "sun_shared",
    "tariff_periods",
    "tariff_screen",
}
"""The tables of the manuals."""


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_scenarios_go_as_expected(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["run", str(file)])
    out, err = capsys.readouterr()
    assert (status, err) == (0, "")
    described = json.loads(file.read_text(encoding="utf-8"))
    lines = out.splitlines()
    assert len(lines) == described["duration"] // described["step"] + 1
    assert json.loads(lines[0]).keys() == {"at", "decision", "currents"}
    assert described["description"]


def test_the_tables_of_the_manuals_are_shipped() -> None:
    assert {file.stem for file in (SCENARIOS / "vectors").iterdir()} == VECTORS
