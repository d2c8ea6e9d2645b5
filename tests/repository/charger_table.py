"""What each kind of charger can do, as docs/chargers.md shows it.

`python -m tests.repository.charger_table` writes the table anew.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from custom_components.headroom.chargers.base import Capabilities, ConnectorProfile, Failsafe
from custom_components.headroom.chargers.entities.charger import EntityCharger
from custom_components.headroom.chargers.entities.config import EntityChargerConfig
from custom_components.headroom.chargers.maintenance import Command
from custom_components.headroom.chargers.modbus.dialect import Dialect
from custom_components.headroom.chargers.modbus.dialect_files import load_dialects
from custom_components.headroom.chargers.ocpp.config import CentralSystemConfig
from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.chargers.ocpp.versions import SPOKEN
from tests.chargers.entities.entities import World

from .generated import Place

_HEAD: Final = (
    "| Charger | Setpoint in steps of | Start and stop | Restart | Phases | Upkeep | Armed by "
    "| When contact is lost |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n"
)
_KEEPS: Final = "keeps its last setpoint; counts with its maximum"
_PROFILE: Final = ConnectorProfile(fallback=6.0, max_current=32.0)


def table() -> str:
    """Return the table in Markdown."""
    return _HEAD + "".join(f"| {' | '.join(cells)} |\n" for cells in _rows())


def _rows() -> Iterator[tuple[str, ...]]:
    ocpp = _ocpp()
    seconds = CentralSystemConfig().lease.total_seconds()
    versions = ", ".join(name.removeprefix("ocpp") for name in reversed(SPOKEN))
    leased = f"a permanent fallback, and a setpoint above it that ends after {seconds:g} s"
    yield (
        f"OCPP {versions}",
        *_abilities(ocpp, "if it says so"),
        leased,
        f"fallback within {seconds:g} s",
    )
    unleased = replace(ocpp, failsafe=Failsafe.NONE)
    yield (
        "the same, where it takes one limit only",
        *_abilities(unleased, "if it says so"),
        "nothing",
        _KEEPS,
    )
    for name, dialect in load_dialects().items():
        yield (f"Modbus `{name}`", *_abilities(dialect.capabilities), *_modbus(dialect))
    _, *others = _abilities(_entities(), "by an entity")
    yield ("Home Assistant entities", "those of the entity", *others, "nothing", _KEEPS)


def _abilities(can: Capabilities, phases: str = "") -> tuple[str, ...]:
    yes = {True: "yes", False: ""}
    return (
        f"{can.step:g} A",
        yes[can.starts_sessions],
        yes[can.resets],
        phases or yes[can.switches_phases],
        yes[can.commands >= {Command.FIRMWARE, Command.LOG, Command.UNLOCK}],
    )


def _modbus(dialect: Dialect) -> tuple[str, str]:
    failsafe = dialect.failsafe
    timeout = f"{failsafe.timeout.total_seconds():g} s"
    match failsafe.kind:
        case Failsafe.NONE:
            return "nothing", _KEEPS
        case Failsafe.LEASE:
            return "a setpoint that ends by itself", f"fallback of the charger after {timeout}"
    written = ["fallback"] if failsafe.currents else []
    written += ["timeout"] if failsafe.seconds is not None else []
    every = f"{failsafe.every.total_seconds():g} s"
    life = "any request" if failsafe.beat is None else f"a sign of life every {every}"
    return f"{' and '.join(written)}, written and read back; {life}", f"fallback after {timeout}"


def _ocpp() -> Capabilities:
    central = CentralSystem(now=lambda: datetime.now(UTC), random=lambda: 0.0)
    return central.register("any", {1: _PROFILE}).capabilities


def _entities() -> Capabilities:
    world = World()
    world.number()
    config = EntityChargerConfig(limit="number", power="power")
    return EntityCharger("any", config, {1: _PROFILE}, access=world, now=world.now).capabilities


PLACE: Final = Place("chargers.md", "chargers")

if __name__ == "__main__":
    PLACE.write(table())
