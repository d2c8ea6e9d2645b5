"""Integrations that show a building's meter, and how to find its sensors.

Taken from the sources of the integrations; none was tried with a meter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_DEFAULT_MAX_AGE: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterPreset:
    """What one integration calls the sensors of a meter.

    Each is named by its translation key, by the begin or end of its unique id, or by its name.
    """

    name: str
    confidence: str
    """`source` read in its code of today, `old source` in an older version of it, `names` in
    other public code that uses its names."""
    note: str
    """What people have to know of it."""
    currents: tuple[str, ...] = ()
    powers: tuple[str, ...] = ()
    powers_back: tuple[str, ...] = ()
    total: str | None = None
    total_back: str | None = None
    voltages: tuple[str, ...] = ()
    energy_import: str | None = None
    energy_export: str | None = None
    signed: bool = False
    """Currents tell import from export."""
    inverted: bool = False
    """What is given back counts up."""
    split: bool = False
    """Its phases are devices of their own that belong to one."""
    max_age: int = _DEFAULT_MAX_AGE
    """Seconds; twice the period of the integration, and then some."""


def _phases(pattern: str, names: str = "123") -> tuple[str, ...]:
    return tuple(pattern.format(name) for name in names)


PRESETS: Final[Mapping[str, tuple[MeterPreset, ...]]] = MappingProxyType(
    {
        "dsmr": (
            MeterPreset(
                name="DSMR Slimme Meter (P1)",
                confidence="source",
                note="Switch on the sensors of power and voltage per phase, and set *Time between "
                "entity updates* of the integration to 1 s; then lower the age. Currents are not "
                "proposed: most meters send them in whole amperes.",
                powers=_phases("instantaneous_active_power_l{}_positive"),
                powers_back=_phases("instantaneous_active_power_l{}_negative"),
                total="current_electricity_usage",
                total_back="current_electricity_delivery",
                voltages=_phases("instantaneous_voltage_l{}"),
                energy_import="electricity_imported_total",
                energy_export="electricity_exported_total",
                max_age=75,
            ),
        ),
        "dsmr_reader": (
            MeterPreset(
                name="DSMR-reader (P1)",
                confidence="source",
                note="Switch on the sensors of power per phase.",
                powers=_phases("current_power_usage_l{}"),
                powers_back=_phases("current_power_return_l{}"),
                total="current_power_usage",
                total_back="current_power_return",
                voltages=_phases("current_voltage_l{}"),
            ),
        ),
        "homewizard": (
            MeterPreset(
                name="HomeWizard (P1, kWh meters)",
                confidence="source",
                note="Read every 5 s. Currents are not proposed: behind P1 they come in whole "
                "amperes from most meters.",
                powers=_phases("active_power_l{}_w"),
                total="active_power_w",
                voltages=_phases("active_voltage_l{}_v"),
                energy_import="total_power_import_kwh",
                energy_export="total_power_export_kwh",
            ),
        ),
        "p1_monitor": (
            MeterPreset(
                name="P1 Monitor",
                confidence="source",
                note="Choose the device of the phases. Read every 5 s.",
                powers=_phases("power_consumed_phase_l{}"),
                powers_back=_phases("power_produced_phase_l{}"),
                total="power_consumption",
                total_back="power_production",
                voltages=_phases("voltage_phase_l{}"),
            ),
        ),
        "youless": (
            MeterPreset(
                name="YouLess (P1)",
                confidence="source",
                note="Choose the device of the power meter. Read every 10 s. Whether the power of "
                "a phase goes below 0 depends on the meter: watch it while the sun shines.",
                powers=_phases("phase_{}_power"),
                total="usage",
                voltages=_phases("phase_{}_voltage"),
                energy_import="power_total",
            ),
        ),
        "linkytic": (
            MeterPreset(
                name="Linky TIC (hekmon)",
                confidence="old source",
                note="Standard mode: whole amperes without a sign, so what is given back is not "
                "seen.",
                currents=_phases("rms_current_ph{}"),
                voltages=_phases("rms_voltage_ph{}"),
                energy_import="active_energy_drawn_total",
                energy_export="active_energy_injected_total",
            ),
            MeterPreset(
                name="Linky TIC (hekmon)",
                confidence="old source",
                note="Historic mode, three phases: the same.",
                currents=_phases("inst_current_ph{}"),
            ),
            MeterPreset(
                name="Linky TIC (hekmon)",
                confidence="old source",
                note="Historic mode, one phase: the same.",
                currents=("inst_current",),
            ),
        ),
        "shelly": (
            MeterPreset(
                name="Shelly Pro 3EM, 3EM Gen3",
                confidence="source",
                note="Its phases are devices of their own; choose any of them. Switch on the "
                "sensors of current and voltage.",
                currents=("em:0-a_current", "em:0-b_current", "em:0-c_current"),
                powers=("em:0-a_act_power", "em:0-b_act_power", "em:0-c_act_power"),
                total="em:0-total_act_power",
                voltages=("em:0-a_voltage", "em:0-b_voltage", "em:0-c_voltage"),
                energy_import="emdata:0-total_act",
                energy_export="emdata:0-total_act_ret",
                split=True,
            ),
            MeterPreset(
                name="Shelly 3EM, EM (first generation)",
                confidence="source",
                note="Choose any of its channels. Those of an EM are in no order of phases and are "
                "chosen by hand.",
                currents=_phases("emeter_{}-current", "012"),
                powers=_phases("emeter_{}-power", "012"),
                voltages=_phases("emeter_{}-voltage", "012"),
                split=True,
            ),
            MeterPreset(
                name="Shelly Pro EM, EM Gen3",
                confidence="source",
                note="One phase: the first clamp. Switch on the sensor of its current.",
                currents=("em1:0-current_em1",),
                powers=("em1:0-power_em1",),
                voltages=("em1:0-voltage_em1",),
            ),
        ),
        "enphase_envoy": (
            MeterPreset(
                name="Enphase Envoy",
                confidence="source",
                note="Read once a minute: not fit to protect a fuse that is nearly loaded. Switch "
                "on the sensors of net consumption per phase.",
                currents=_phases("net_ct_current_l{}"),
                powers=_phases("net_consumption_l{}"),
                total="net_consumption",
                voltages=_phases("voltage_l{}"),
                energy_import="lifetime_net_consumption",
                energy_export="lifetime_net_production",
                max_age=150,
            ),
        ),
        "fronius": (
            MeterPreset(
                name="Fronius Smart Meter",
                confidence="source",
                note="Read once a minute: not fit to protect a fuse that is nearly loaded; the "
                "same meter can be read over Modbus. Switch on the sensors per phase.",
                currents=_phases("current_ac_phase_{}"),
                powers=_phases("power_real_phase_{}"),
                total="power_real",
                voltages=_phases("voltage_ac_phase_{}"),
                energy_import="energy_real_consumed",
                energy_export="energy_real_produced",
                max_age=150,
            ),
        ),
        "sma": (
            MeterPreset(
                name="SMA",
                confidence="source",
                note="Read every 5 s. Recognised by the names that the sensors have at first.",
                currents=_phases("metering_current_l{}"),
                powers=_phases("metering_active_power_draw_l{}"),
                powers_back=_phases("metering_active_power_feed_l{}"),
                total="metering_power_absorbed",
                total_back="metering_power_supplied",
                voltages=_phases("metering_voltage_l{}"),
                energy_import="metering_total_absorbed",
                energy_export="metering_total_yield",
            ),
        ),
        "goodwe": (
            MeterPreset(
                name="GoodWe",
                confidence="names",
                note="Read every 10 s. The meter counts what is given back up.",
                powers=_phases("goodwe-meter_active_power{}"),
                total="goodwe-meter_active_power_total",
                inverted=True,
            ),
        ),
        "solaredge_modbus_multi": (
            MeterPreset(
                name="SolarEdge Modbus Multi",
                confidence="old source",
                note="Choose the meter, not the inverter. It counts what is given back up. The "
                "integration SolarEdge itself asks a cloud every 15 minutes and is no meter.",
                currents=_phases("ac_current_{}", "abc"),
                powers=_phases("ac_power_{}", "abc"),
                total="ac_power",
                voltages=("ac_voltage_an", "ac_voltage_bn", "ac_voltage_cn"),
                inverted=True,
                max_age=60,
            ),
        ),
        "huawei_solar": (
            MeterPreset(
                name="Huawei Solar",
                confidence="names",
                note="Choose the power meter. It counts what is given back up.",
                currents=_phases("active_grid_{}_current", "abc"),
                powers=_phases("active_grid_{}_power", "abc"),
                total="power_meter_active_power",
                voltages=_phases("grid_{}_voltage", "abc"),
                signed=True,
                inverted=True,
                max_age=75,
            ),
        ),
        "tibber": (
            MeterPreset(
                name="Tibber Pulse",
                confidence="source",
                note="Comes through a cloud: zones are degraded while the internet is away. "
                "Currents per phase come from some meters only, and every 10 s at best.",
                currents=_phases("current_l{}"),
                total="power",
                total_back="power_production",
                voltages=_phases("voltage_phase{}"),
                energy_import="last_meter_consumption",
                energy_export="last_meter_production",
                max_age=45,
            ),
        ),
        "victron_gx": (
            MeterPreset(
                name="Victron GX",
                confidence="names",
                note="Choose the grid meter. It can be read over Modbus too.",
                currents=_phases("grid_current_l{}"),
                powers=_phases("grid_power_l{}"),
                total="grid_power",
                voltages=_phases("grid_voltage_l{}"),
                energy_import="grid_energy_forward",
                energy_export="grid_energy_reverse",
            ),
        ),
        "discovergy": (
            MeterPreset(
                name="inexogy (Discovergy)",
                confidence="source",
                note="Comes through a cloud every 30 s. Switch on the sensors per phase.",
                powers=_phases("phase_{}_power"),
                total="total_power",
                voltages=_phases("phase_{}_voltage"),
                energy_import="total_consumption",
                energy_export="total_production",
                max_age=90,
            ),
        ),
        "powerfox": (
            MeterPreset(
                name="powerfox",
                confidence="source",
                note="A total only, through a cloud.",
                total="power",
                energy_import="energy_usage",
                energy_export="energy_return",
            ),
        ),
    }
)
"""By the name of the integration, as the entity registry knows it; the first that fits."""
