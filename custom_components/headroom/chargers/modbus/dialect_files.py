"""Dialects as files: one YAML file each."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from math import isfinite
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import probatio

from ...modbus import descriptions
from ...modbus.descriptions import ADDRESS, LINE, PAUSE, STANDARD_LINE, Confidence
from ...modbus.registers import LAST_ADDRESS, MOST_REGISTERS, Format, Function, WordOrder
from ..base import Failsafe
from .dialect import (
    Control,
    Dialect,
    DialectError,
    FailsafeRegisters,
    Kind,
    OldFirmware,
    Order,
    PhaseRegisters,
    Rule,
    State,
)
from .register import Register, Value

_FOLDER: Final = Path(__file__).parent / "dialects"
_COMMANDS: Final = ("start", "stop", "reset")
_INFO: Final = ("model", "serial", "firmware")


def _positive(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise probatio.Invalid("expected a number")
    if not isfinite(value) or value <= 0:
        raise probatio.Invalid("expected a finite number above 0")
    return float(value)


_REGISTER_KEYS: Final = {
    probatio.Required("address"): ADDRESS,
    probatio.Optional("format"): probatio.Coerce(Format),
    probatio.Optional("text"): probatio.All(int, probatio.Range(min=1, max=MOST_REGISTERS)),
    probatio.Optional("function"): probatio.Coerce(Function),
    probatio.Optional("scale"): _positive,
    probatio.Optional("mask"): probatio.All(int, probatio.Range(min=1)),
    probatio.Optional("optional"): bool,
}
_REGISTER: Final = probatio.Schema(_REGISTER_KEYS)
_QUANTITY: Final = probatio.Schema(
    _REGISTER_KEYS | {probatio.Required("address"): probatio.Any(ADDRESS, [ADDRESS])}
)
_ORDER: Final = probatio.Schema(
    {
        probatio.Required("address"): ADDRESS,
        probatio.Required("value"): probatio.All(int, probatio.Range(min=0, max=0xFFFF)),
    }
)
_VALUES: Final = {str: [probatio.Any(int, str)]}
_RULE: Final = probatio.Schema(
    {
        probatio.Required("state"): probatio.Coerce(State),
        probatio.Optional("when"): _VALUES,
        probatio.Optional("unless"): _VALUES,
    }
)
_CONTROL: Final = probatio.Schema(
    {
        probatio.Required("setpoint"): _REGISTER,
        probatio.Optional("check"): _REGISTER,
        probatio.Required("step"): _positive,
        probatio.Required("floor"): _positive,
        probatio.Optional("single", default=False): bool,
        probatio.Optional("enable"): _ORDER,
        probatio.Optional("renew"): _positive,
    }
)
_FAILSAFE: Final = probatio.Schema(
    {
        probatio.Required("kind"): probatio.Coerce(Failsafe),
        probatio.Optional("timeout"): _positive,
        probatio.Optional("currents", default=list): [_REGISTER],
        probatio.Optional("currents_check"): [_REGISTER],
        probatio.Optional("seconds"): _REGISTER,
        probatio.Optional("seconds_check"): _REGISTER,
        probatio.Optional("beat"): _ORDER,
        probatio.Optional("every"): _positive,
        probatio.Optional("remaining"): _REGISTER,
    }
)
_BETWEEN: Final = probatio.Schema(
    {probatio.Required("lowest"): _positive, probatio.Required("highest"): _positive}
)
_PHASES: Final = probatio.Schema(
    {
        probatio.Required("check"): _REGISTER,
        probatio.Required("one"): int,
        probatio.Required("to_one"): _ORDER,
        probatio.Required("to_three"): _ORDER,
        probatio.Optional("permit"): _REGISTER,
        probatio.Optional("permitted"): int,
    }
)
_OLD_FIRMWARE: Final = probatio.Schema(
    {
        probatio.Required("version"): _REGISTER,
        probatio.Required("before"): _positive,
        probatio.Required("factor"): _positive,
        probatio.Required("kinds"): [probatio.Coerce(Kind)],
    }
)
_DIALECT: Final = probatio.Schema(
    {
        probatio.Required("name"): str,
        probatio.Required("vendors"): probatio.All([str], probatio.Length(min=1)),
        probatio.Required("confidence"): probatio.Coerce(Confidence),
        probatio.Required("source"): str,
        probatio.Required("port"): probatio.All(int, probatio.Range(min=1, max=65535)),
        probatio.Required("units"): probatio.All(
            [probatio.All(int, probatio.Range(min=0, max=255))], probatio.Length(min=1)
        ),
        probatio.Required("function"): probatio.Coerce(Function),
        probatio.Required("word_order"): probatio.Coerce(WordOrder),
        probatio.Required("max_read"): probatio.All(int, probatio.Range(min=1, max=MOST_REGISTERS)),
        probatio.Required("max_gap"): probatio.All(int, probatio.Range(min=0)),
        probatio.Required("signals"): {str: _REGISTER},
        probatio.Required("states"): [_RULE],
        probatio.Required("identity"): {str: probatio.Any([probatio.Any(int, str)], _BETWEEN)},
        probatio.Optional("info", default=dict): {probatio.In(_INFO): _REGISTER},
        probatio.Required("quantities"): {probatio.Coerce(Kind): _QUANTITY},
        probatio.Required("control"): _CONTROL,
        probatio.Required("failsafe"): _FAILSAFE,
        probatio.Optional("prepare", default=list): [_ORDER],
        probatio.Optional("commands", default=dict): {probatio.In(_COMMANDS): _ORDER},
        probatio.Optional("pause", default=0): PAUSE,
        probatio.Optional("line", default=STANDARD_LINE): LINE,
        probatio.Optional("phases"): _PHASES,
        probatio.Optional("old_firmware"): _OLD_FIRMWARE,
    }
)


class _Builder:
    """Makes a dialect of the checked content of its file."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self._raw = raw

    def dialect(self) -> Dialect:
        raw = self._raw
        signals = {name: self._register(entry) for name, entry in raw["signals"].items()}
        plain = ("name", "confidence", "source", "port", "max_read", "max_gap", "pause", "line")
        return Dialect(
            **{key: raw[key] for key in plain},
            vendors=tuple(raw["vendors"]),
            unit=raw["units"][0],
            connectors=MappingProxyType(dict(enumerate(raw["units"], start=1))),
            signals=signals,
            states=tuple(_rule(entry, signals) for entry in raw["states"]),
            identity=_identity(raw["identity"], signals),
            info={name: self._register(entry) for name, entry in raw["info"].items()},
            quantities={
                kind: self._quantity(kind, entry) for kind, entry in raw["quantities"].items()
            },
            control=self._control(raw["control"]),
            failsafe=self._failsafe(raw["failsafe"]),
            prepare=tuple(self._order(entry) for entry in raw["prepare"]),
            commands={name: self._order(entry) for name, entry in raw["commands"].items()},
            phases=self._phases(raw["phases"]) if "phases" in raw else None,
            old_firmware=(
                self._old_firmware(raw["old_firmware"]) if "old_firmware" in raw else None
            ),
        )

    def _register(self, entry: Mapping[str, Any]) -> Register:
        if "text" in entry and entry.keys() & {"format", "scale", "mask"}:
            raise DialectError(f"register {entry['address']} is a text and a number")
        format_ = None if "text" in entry else entry.get("format", Format.UINT16)
        length: int = entry["text"] if format_ is None else format_.registers
        if entry["address"] + length - 1 > LAST_ADDRESS:
            raise DialectError(f"register {entry['address']} ends above the last one")
        if length > self._raw["max_read"]:
            raise DialectError(f"register {entry['address']} does not fit in one read")
        return Register(
            address=entry["address"],
            format=format_,
            length=length,
            function=entry.get("function", self._raw["function"]),
            word_order=self._raw["word_order"],
            scale=entry.get("scale", 1.0),
            mask=entry.get("mask"),
            optional=entry.get("optional", False),
        )

    def _writable(self, entry: Mapping[str, Any]) -> Register:
        """Return a register that is written: holding, whatever the others are."""
        return self._register({"function": Function.HOLDING} | dict(entry))

    def _order(self, entry: Mapping[str, Any]) -> Order:
        return Order(
            register=self._writable({"address": entry["address"]}), value=float(entry["value"])
        )

    def _quantity(self, kind: Kind, entry: Mapping[str, Any]) -> tuple[Register, ...]:
        address = entry["address"]
        addresses = address if isinstance(address, list) else [address]
        if len(addresses) != kind.numbers:
            raise DialectError(f"{kind} needs {kind.numbers} address(es)")
        return tuple(self._register(dict(entry) | {"address": one}) for one in addresses)

    def _control(self, entry: Mapping[str, Any]) -> Control:
        setpoint = self._writable(entry["setpoint"])
        if entry["single"] and setpoint.length != 1:
            raise DialectError("a setpoint of more than one register cannot be written singly")
        return Control(
            setpoint=setpoint,
            check=self._writable(entry["check"]) if "check" in entry else setpoint,
            step=entry["step"],
            floor=entry["floor"],
            single=entry["single"],
            enable=self._order(entry["enable"]) if "enable" in entry else None,
            renew=timedelta(seconds=entry["renew"]) if "renew" in entry else None,
        )

    def _failsafe(self, entry: Mapping[str, Any]) -> FailsafeRegisters:
        kind: Failsafe = entry["kind"]
        currents = tuple(self._writable(one) for one in entry["currents"])
        checks = tuple(self._writable(one) for one in entry.get("currents_check", ()))
        seconds = self._optional(entry, "seconds")
        if kind is not Failsafe.NONE and not ("timeout" in entry and (currents or checks)):
            raise DialectError(f"a {kind} needs a timeout and a register of the fallback")
        if ("beat" in entry) != ("every" in entry):
            raise DialectError("a sign of life needs a period")
        return FailsafeRegisters(
            kind=kind,
            timeout=timedelta(seconds=entry.get("timeout", 0)),
            currents=currents,
            currents_check=checks or currents,
            seconds=seconds,
            seconds_check=self._optional(entry, "seconds_check") or seconds,
            beat=self._order(entry["beat"]) if "beat" in entry else None,
            every=timedelta(seconds=entry.get("every", 0)),
            remaining=self._optional(entry, "remaining"),
        )

    def _phases(self, entry: Mapping[str, Any]) -> PhaseRegisters:
        if ("permit" in entry) != ("permitted" in entry):
            raise DialectError("a permit needs a register and a value")
        return PhaseRegisters(
            check=self._missable(entry["check"]),
            one=float(entry["one"]),
            orders={1: self._order(entry["to_one"]), 3: self._order(entry["to_three"])},
            permit=self._missable(entry["permit"]) if "permit" in entry else None,
            permitted=float(entry.get("permitted", 0)),
        )

    def _old_firmware(self, entry: Mapping[str, Any]) -> OldFirmware:
        return OldFirmware(
            version=self._register(entry["version"]),
            before=entry["before"],
            factor=entry["factor"],
            kinds=frozenset(entry["kinds"]),
        )

    def _missable(self, entry: Mapping[str, Any]) -> Register:
        """Return a holding register that some devices do not have."""
        return self._writable({**entry, "optional": True})

    def _optional(self, entry: Mapping[str, Any], key: str) -> Register | None:
        return self._writable(entry[key]) if key in entry else None


def _rule(entry: Mapping[str, Any], signals: Mapping[str, Register]) -> Rule:
    return Rule(
        state=entry["state"],
        when=_values(entry.get("when", {}), signals),
        unless=_values(entry.get("unless", {}), signals),
    )


def _values(
    entry: Mapping[str, list[Value]], signals: Mapping[str, Register]
) -> Mapping[str, frozenset[Value]]:
    _require_known(entry, signals)
    return {name: frozenset(values) for name, values in entry.items()}


def _identity(
    entry: Mapping[str, Any], signals: Mapping[str, Register]
) -> Mapping[str, frozenset[Value] | tuple[float, float]]:
    if not entry:
        raise DialectError("nothing tells such a charger from other devices")
    _require_known(entry, signals)
    return {
        name: frozenset(allowed)
        if isinstance(allowed, list)
        else (allowed["lowest"], allowed["highest"])
        for name, allowed in entry.items()
    }


def _require_known(names: Mapping[str, Any], signals: Mapping[str, Register]) -> None:
    if unknown := names.keys() - signals.keys():
        raise DialectError(f"there is no signal {min(unknown)}")


def parse_dialect(raw: object) -> Dialect:
    """Build a dialect from the content of its file. Raises DialectError."""
    try:
        checked: dict[str, Any] = _DIALECT(raw)
    except probatio.Invalid as error:
        raise DialectError(str(error)) from error
    if Kind.CURRENTS not in checked["quantities"]:
        raise DialectError("currents are missing")
    return _Builder(checked).dialect()


def read_folder(folder: Path) -> Mapping[str, Dialect]:
    """Read every dialect of a folder by the name of its file. Blocks. Raises DialectError."""
    return descriptions.read_folder(folder, parse_dialect, DialectError)


@cache
def load_dialects() -> Mapping[str, Dialect]:
    """Return the shipped dialects by the names of their files.

    The first call reads files: make it off the event loop.
    """
    return read_folder(_FOLDER)
