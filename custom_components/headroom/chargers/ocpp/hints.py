"""Settings that makers give a charger in place of, or as a condition for, charging profiles."""

from typing import Final

_SETTINGS: Final = (
    ("bender", "OperatorCurrentLimit"),
    ("mennekes", "OperatorCurrentLimit"),
    ("webasto", "OperatorCurrentLimit"),
    ("growatt", "G_MaxCurrent"),
    ("keba", "MaxAvailableCurrent"),
    ("schneider", "EM controlled by external system"),
    ("everest", "CompositeScheduleDefaultLimitAmps"),
)
"""By the beginning of the vendor's name, in lower case."""


def likely_setting(vendor: str | None) -> str | None:
    """Return the setting that a person should look for; None if none is known."""
    name = (vendor or "").strip().lower()
    return next((setting for prefix, setting in _SETTINGS if name.startswith(prefix)), None)
