"""The catalogue of faults that a station can be given (docs/simulator.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, fields


@dataclass(slots=True)
class Faults:
    """What a station does wrong; times in s, currents in A per phase. None is off."""

    ignores_profile: bool = False
    """Accepts charging profiles and does nothing with them."""
    rejects_profile: bool = False
    """Rejects every charging profile."""
    endless_limits: bool = False
    """Goes on with a limit whose time has ended."""
    only_watt: bool = False
    """Knows limits in W only, and says so."""
    only_tx_profile: bool = False
    """Takes limits of a running transaction only."""
    rejects_zero: bool = False
    """Rejects a limit of 0."""
    stack_zero_only: bool = False
    """Rejects every stack level above 0, whatever it says about itself."""
    loses_power: float | None = None
    """Is without power for so many seconds, once, and boots then."""
    forgets_without_power: bool = False
    """Has no charging profiles any more when power comes back."""
    ends_without_power: bool = False
    """Ends its transactions when power comes back instead of resuming them."""
    resumes_after_reset: bool = False
    """Goes on with its transactions after a restart that it is told, instead of ending them."""
    free_after_blackout: bool = False
    """Charges without any limit from any start until the central system has accepted it."""
    forgets_on_reconnect: bool = False
    """Has no charging profiles any more after each new connection."""
    wrong_phase_order: bool = False
    """Takes L1 for L2, L2 for L3 and L3 for L1 in its meter values."""
    slow: float | None = None
    """Follows each change of its limit so many seconds late."""
    sleeping_car: bool = False
    """Its cars sleep and draw nothing, whatever they are offered."""
    stuck_contactor: bool = False
    """Lets cars draw the least current of the pilot signal though it offers nothing."""
    frozen_meter: bool = False
    """Sends the same measurements again and again, with new times."""
    garbage: bool = False
    """Sends a frame that is no OCPP every ten seconds."""
    no_boot_on_reconnect: bool = False
    """Never sends a BootNotification unasked, not even after a restart."""
    boots_on_reconnect: bool = False
    """Sends a BootNotification after each new connection, without a restart."""
    silent: bool = False
    """Neither answers nor says anything; its socket stays open."""
    wrong_clock: float | None = None
    """Has a clock that is so many seconds ahead, whatever it is told."""
    unknown_transaction: int | None = None
    """Names its transactions by this id, which nobody knows, once they have started."""
    foreign_writer: float | None = None
    """Offers this current, because somebody else has set it; ours does not count."""

    def change(self, wanted: Mapping[str, object]) -> None:
        """Switch faults on and off. Raises ValueError that says what cannot be."""
        for name, value in wanted.items():
            _check(name, value)
        for name, value in wanted.items():
            setattr(self, name, value)

    def given(self) -> dict[str, bool | float]:
        """Return the faults that are on, with their values."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in values if value is not None and value is not False}


_SWITCHES = {field.name for field in fields(Faults) if field.default is False}
_NUMBERS = {field.name for field in fields(Faults) if field.default is None}
_BELOW_ZERO = {"wrong_clock", "unknown_transaction"}


def _check(name: str, value: object) -> None:
    if name in _SWITCHES:
        if not isinstance(value, bool):
            msg = f"{name} is true or false"
            raise ValueError(msg)
        return
    if name not in _NUMBERS:
        msg = f"unknown fault {name}"
        raise ValueError(msg)
    kind = int if name == "unknown_transaction" else (int, float)
    if value is not None and (isinstance(value, bool) or not isinstance(value, kind)):
        msg = f"{name} is a number or null"
        raise ValueError(msg)
    if isinstance(value, (int, float)) and value < 0 and name not in _BELOW_ZERO:
        msg = f"{name} is not below 0"
        raise ValueError(msg)
