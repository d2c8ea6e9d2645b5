from datetime import timedelta

import pytest

from custom_components.headroom.engine.sun.rules import BatteryRules, SunRules


@pytest.mark.parametrize(
    "settings",
    [
        {"reserve": -1.0},
        {"allowed_import": -1.0},
        {"hysteresis": -0.1},
        {"start_delay": timedelta(seconds=-1)},
        {"stop_delay": timedelta(hours=2)},
    ],
)
def test_rules_that_make_no_sense_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must"):
        SunRules(**settings)  # type: ignore[arg-type] # any of its fields


@pytest.mark.parametrize(
    "settings",
    [{"low": 80.0, "high": 80.0}, {"high": 101.0}, {"feed_above": 101.0}, {"feed_power": -1.0}],
)
def test_a_battery_policy_that_makes_no_sense_is_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        BatteryRules(**settings)  # type: ignore[arg-type] # any of its fields
