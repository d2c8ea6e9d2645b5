"""Settings that makers give a charger and that are likely to cause what it does wrong."""

from collections.abc import Collection
from typing import Final, NamedTuple

from .incident import Cause

_LIMITS: Final = frozenset(cause for cause in Cause if cause.concerns_limits)
_CONTROL: Final = _LIMITS | {Cause.OVERWRITTEN}
"""What a load management of the charger's own brings about."""


class _Hint(NamedTuple):
    vendor: str
    """The beginning of its name, in lower case."""
    causes: Collection[Cause]
    setting: str
    """In the maker's words."""


_HINTS: Final = (
    _Hint("abb", {Cause.RESTARTS}, "MeterValuesSampledData"),
    _Hint("alfen", _CONTROL, "Active load balancing"),
    _Hint("bender", _LIMITS, "OperatorCurrentLimit"),
    _Hint("bender", {Cause.PHASES}, "Phase rotation"),
    _Hint("everest", _LIMITS, "CompositeScheduleDefaultLimitAmps"),
    _Hint("growatt", _LIMITS, "G_MaxCurrent"),
    _Hint("keba", {Cause.STUCK, Cause.OVERWRITTEN}, "Failsafe"),
    _Hint("keba", _LIMITS, "MaxAvailableCurrent"),
    _Hint("mennekes", _LIMITS, "OperatorCurrentLimit"),
    _Hint("mennekes", {Cause.PHASES}, "Phase rotation"),
    _Hint("schneider", _CONTROL, "EM controlled by external system"),
    _Hint("vestel", _CONTROL, "Local Load Management"),
    _Hint("webasto", _LIMITS, "OperatorCurrentLimit"),
    _Hint("webasto", {Cause.PHASES}, "Phase rotation"),
)
"""From reports of their users and from the manual of one; the first that fits counts."""


def likely_setting(vendor: str | None, cause: Cause) -> str | None:
    """Return the setting that a person should look for; None if none is known."""
    name = (vendor or "").strip().lower()
    fitting = (h.setting for h in _HINTS if name.startswith(h.vendor) and cause in h.causes)
    return next(fitting, None)
