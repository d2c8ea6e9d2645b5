"""Which setting of a charger is named for what it does wrong."""

import pytest

from custom_components.headroom.compliance.hints import likely_setting
from custom_components.headroom.compliance.incident import Cause


@pytest.mark.parametrize(
    ("vendor", "cause", "setting"),
    [
        ("KEBA AG", Cause.REFUSES, "MaxAvailableCurrent"),
        ("keba", Cause.STUCK, "Failsafe"),
        (" Growatt ", Cause.OVERDRAW, "G_MaxCurrent"),
        ("Schneider Electric", Cause.OVERWRITTEN, "EM controlled by external system"),
        ("MENNEKES", Cause.PHASES, "Phase rotation"),
        ("ABB", Cause.RESTARTS, "MeterValuesSampledData"),
        ("ABB", Cause.OVERDRAW, None),
        ("Acme", Cause.REFUSES, None),
        ("", Cause.REFUSES, None),
        (None, Cause.REFUSES, None),
    ],
)
def test_likely_settings(vendor: str | None, cause: Cause, setting: str | None) -> None:
    assert likely_setting(vendor, cause) == setting
