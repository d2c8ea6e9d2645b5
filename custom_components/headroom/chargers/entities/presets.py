"""Integrations whose chargers have good entities, and how to find these.

Taken from the published sources of the integrations; none was tried with a charger.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ...engine.snapshot import ConnectorStatus
from .status import normal


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What one integration calls the entities of a charger.

    Each is named by its domain, and by its translation key or the begin or end of its unique id.
    """

    name: str
    confidence: str
    """`source` read in its code of today, `old source` in an older version of it."""
    limit: str
    switch: str | None = None
    switch_pauses: bool = False
    phases: str | None = None
    status: str | None = None
    power: str | None = None
    energy: str | None = None
    session_energy: str | None = None
    currents: tuple[str, ...] = ()
    words: Mapping[str, ConnectorStatus] = field(default_factory=dict)
    """Words of the status sensor that mean something else than usual."""


def _words(**meanings: str) -> Mapping[str, ConnectorStatus]:
    return MappingProxyType(
        {
            normal(word): ConnectorStatus(status)
            for status, words in meanings.items()
            for word in words.split("|")
        }
    )


PRESETS: Final[Mapping[str, Preset]] = MappingProxyType(
    {
        "lektrico": Preset(
            name="Lektri.co",
            confidence="source",
            limit="number:dynamic_limit",
            phases="switch:force_single_phase",
            status="sensor:state",
            power="sensor:power",
            energy="sensor:lifetime_energy",
            session_energy="sensor:energy",
            words=_words(suspended_evse="need_auth|paused_by_scheduler|switching_phases"),
        ),
        "nrgkick": Preset(
            name="NRGkick",
            confidence="source",
            limit="number:current_set",
            switch="switch:charging_enabled",
            phases="number:phase_count",
            status="sensor:status",
            power="sensor:total_active_power",
            energy="sensor:total_charged_energy",
            session_energy="sensor:charged_energy",
            currents=("sensor:l1_current", "sensor:l2_current", "sensor:l3_current"),
            words=_words(suspended_ev="wakeup"),
        ),
        "ocpp": Preset(
            name="OCPP (lbbrhzn)",
            confidence="old source",
            limit="number:maximum_current",
            status="sensor:Status.Connector.sensor",
            power="sensor:Power.Active.Import.sensor",
            energy="sensor:Energy.Active.Import.Register.sensor",
            session_energy="sensor:Energy.Session.sensor",
        ),
        "openevse": Preset(
            name="OpenEVSE",
            confidence="source",
            limit="number:charge_rate",
            status="sensor:status",
            power="sensor:charging_power",
            energy="sensor:usage_total",
            session_energy="sensor:usage_session",
            currents=("sensor:charging_current",),
            words=_words(
                suspended_evse="sleeping",
                faulted="diode_check_failed|gfci_fault|gfci_self_test_failure|no_ground|"
                "over_temperature|stuck_relay|vent_required",
            ),
        ),
        "peblar": Preset(
            name="Peblar",
            confidence="source",
            limit="number:charge_current_limit",
            switch="switch:charge",
            phases="switch:force_single_phase",
            status="sensor:cp_state",
            power="sensor:power_total",
            energy="sensor:energy_total",
            session_energy="sensor:energy_session",
            currents=(
                "sensor:current_phase_1",
                "sensor:current_phase_2",
                "sensor:current_phase_3",
            ),
            words=_words(available="no_ev_connected", suspended_ev="suspended", faulted="invalid"),
        ),
        "v2c": Preset(
            name="V2C Trydan",
            confidence="source",
            limit="number:intensity",
            switch="switch:paused",
            switch_pauses=True,
            power="sensor:charge_power",
            session_energy="sensor:charge_energy",
        ),
        "wallbox": Preset(
            name="Wallbox",
            confidence="source",
            limit="number:max_charging_current",
            switch="switch:paused",
            status="sensor:status_description",
            power="sensor:charging_power",
            session_energy="sensor:added_energy",
            words=_words(
                suspended_ev="Waiting for car demand",
                suspended_evse="Locked, car connected|Waiting in queue by Power Sharing|"
                "Waiting in queue by Power Boost|Waiting in queue by Eco-Smart",
                charging="Discharging",
                faulted="Waiting MID failed|Waiting MID safety margin exceeded",
            ),
        ),
        "zaptec": Preset(
            name="Zaptec",
            confidence="old source",
            limit="number:charger_max_current",
            status="sensor:operating_mode",
            power="sensor:total_charge_power",
            energy="sensor:signed_meter_value",
            session_energy="sensor:total_charge_power_session",
            currents=("sensor:current_phase1", "sensor:current_phase2", "sensor:current_phase3"),
        ),
        "goecharger_mqtt": Preset(
            name="go-e (MQTT)",
            confidence="old source",
            limit="number:amp-",
            phases="select:psm-",
            status="sensor:car-car",
            power="sensor:nrg-11",
            currents=("sensor:nrg-4", "sensor:nrg-5", "sensor:nrg-6"),
            words=_words(preparing="wait_for_car", faulted="unknown_error"),
        ),
    }
)
"""By the name of the integration, as the entity registry knows it."""
