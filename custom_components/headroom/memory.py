"""What a site keeps across restarts of Home Assistant."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import UnsupportedStorageVersionError
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError
from homeassistant.util.json import SerializationError

from .chargers.car_session import CarSessions
from .chargers.ocpp.experience import Experience
from .chargers.ocpp.transactions import TransactionLedger
from .chargers.proofs import Proofs
from .const import DOMAIN
from .engine.grid.manager import EnergyManagers, ManagedSetpoint
from .engine.grid.operator import GridOperator
from .engine.memory.state import ControllerState
from .engine.memory.stored import read_list, read_text
from .firmware import FirmwareOffer
from .inputs.load_shedding import LoadShedding
from .origin.ledger import OriginLedger
from .plan.memory import PlanMemory
from .stored_parts import read_each, read_part
from .wishes import Wishes

_LOGGER = logging.getLogger(__name__)

_VERSION: Final = 1
_SAVE_DELAY: Final = 30.0
"""Seconds. A crash loses what is younger than this, but setpoints are stored before they rise."""


@dataclass(frozen=True, slots=True)
class StoreFault:
    """Since when a file cannot be written, and what the system says of it."""

    since: datetime
    error: str


class StateFile(Store[dict[str, Any]]):
    """A store that tells whether it has written, where others only log that they have not."""

    fault: StoreFault | None = None

    def __init__(self, hass: HomeAssistant, entry_id: str, repeat: Callable[[], None]) -> None:
        """Call `repeat` after every writing that has failed."""
        super().__init__(hass, _VERSION, f"{DOMAIN}.{entry_id}")
        self._repeat = repeat
        self._awaited: dict[str, Any] | None = None

    async def write(self, content: dict[str, Any]) -> bool:
        """Write the file now; return whether it holds this content."""
        self._awaited = content
        await self.async_save(content)
        return self._awaited is None

    @override
    async def _async_write_data(self, data: dict[str, Any]) -> None:
        try:
            await super()._async_write_data(data)
        except (OSError, SerializationError, WriteError) as error:
            self._fail(str(error))
            return
        if data["data"] is self._awaited:
            self._awaited = None
        if self.fault is not None:
            _LOGGER.info("The state is written to %s again", self.key)
            self.fault = None

    def _fail(self, error: str) -> None:
        if self.fault is None:
            _LOGGER.warning(
                "The state cannot be written to %s, so no setpoint rises: %s", self.key, error
            )
            self.fault = StoreFault(dt_util.utcnow(), error)
        self._repeat()


class SiteMemory:
    """One file: the controller's state, transactions, wishes, what is known of chargers."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store = StateFile(hass, entry_id, self._save_again)
        self.controller = ControllerState()
        self.ledger = TransactionLedger()
        self.experience = Experience()
        self.proofs = Proofs()
        self.wishes = Wishes()
        self.load_shedding = LoadShedding()
        self.firmware: dict[str, FirmwareOffer] = {}
        self.origin = OriginLedger()
        self.car_sessions = CarSessions()
        self.plan = PlanMemory()
        self.managers = EnergyManagers()
        self.operator = GridOperator()
        self.held_switches: frozenset[str] = frozenset()
        """Those that hold the house battery, or are about to, until they are let go."""
        self.stored_setpoints: Mapping[str, float] = {}
        """No more than what the file says of each connector, in A per phase."""
        self.saved_at: datetime | None = None
        """When the file was last brought up to date at once, or should have been."""
        self._pending = False
        self._writing = asyncio.Lock()
        self._wanted = self._written = 0

    @property
    def fault(self) -> StoreFault | None:
        """Return why the last writing has failed, if it has."""
        return self._store.fault

    async def load(self) -> None:
        """Read the file; what cannot be read is left at its safe default."""
        try:
            stored = await self._store.async_load()
        except UnsupportedStorageVersionError as error:
            _LOGGER.warning("Stored state is not usable and starts anew: %s", error)
            self.controller = ControllerState(complete=False)
            return
        if stored is None:
            return
        unknown = ControllerState(complete=False)
        self.controller = _read(stored, "controller", ControllerState.from_json, unknown)
        self.stored_setpoints = self.controller.setpoints
        self.ledger = _read(stored, "transactions", TransactionLedger.from_json, self.ledger)
        if "experience" in stored:  # releases before the probe have none
            self.experience = _read(stored, "experience", Experience.from_json, self.experience)
        if "proofs" in stored:  # nor have releases before the disconnect test
            self.proofs = _read(stored, "proofs", Proofs.from_json, self.proofs)
        self.wishes = _read(stored, "wishes", Wishes.from_json, self.wishes)
        if "load_shedding" in stored:  # releases that know contacts only have none
            self.load_shedding = _read(
                stored, "load_shedding", LoadShedding.from_json, self.load_shedding
            )
        if "firmware" in stored:  # older releases offer none
            self.firmware = _read(stored, "firmware", _read_firmware, self.firmware)
        if "origin" in stored:  # nor do they count where energy came from
            self.origin = _read(stored, "origin", OriginLedger.from_json, self.origin)
        if "car_sessions" in stored:  # nor remember sessions of chargers that know none
            self.car_sessions = _read(
                stored, "car_sessions", CarSessions.from_json, self.car_sessions
            )
        if "plan" in stored:  # nor do they remember visits and other loads
            self.plan = _read(stored, "plan", PlanMemory.from_json, self.plan)
        if "managers" in stored:  # nor does anybody outside limit them
            self.managers = _read(stored, "managers", _read_managers, self.managers)
            self.operator = _read(stored, "operator", GridOperator.from_json, self.operator)
        if "held_switches" in stored:  # nor do they hold batteries
            self.held_switches = _read(stored, "held_switches", _read_texts, frozenset())

    def forget_all_but(self, known: set[str]) -> None:
        """Drop what is about parts of the site that do not exist any more."""
        self.wishes.forget_all_but(known)
        self.origin.forget_all_but(known)
        self.proofs.forget_all_but(known)
        self.plan.forget_all_but(known)
        self.car_sessions.forget_all_but(known)
        self.firmware = {key: offer for key, offer in self.firmware.items() if key in known}

    def save_later(self) -> None:
        """Write the file soon; calls in between are joined and do not put it off."""
        if not self._pending:
            self._pending = True
            self._store.async_delay_save(self._content, _SAVE_DELAY)

    def _save_again(self) -> None:
        self._pending = False
        self.save_later()

    async def save(self) -> None:
        """Write the file now; whoever asks while it is written shares the next writing.

        If that fails nothing counts as stored, and the file is written later.
        """
        self._wanted += 1
        mine = self._wanted
        async with self._writing:
            if self._written < mine:
                content, newest = self._content(), self._wanted
                setpoints = self.controller.setpoints
                if await self._store.write(content):
                    self.stored_setpoints = setpoints
                self.saved_at, self._written = dt_util.utcnow(), newest

    async def remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()

    def _content(self) -> dict[str, Any]:
        self._pending = False
        setpoints = self.controller.setpoints
        self.stored_setpoints = {
            key: min(stored, setpoints.get(key, 0.0))
            for key, stored in self.stored_setpoints.items()
        }
        return {
            "controller": self.controller.to_json(),
            "transactions": self.ledger.to_json(),
            "experience": self.experience.to_json(),
            "proofs": self.proofs.to_json(),
            "firmware": {key: offer.to_json() for key, offer in self.firmware.items()},
            "origin": self.origin.to_json(),
            "car_sessions": self.car_sessions.to_json(),
            "plan": self.plan.to_json(),
            "managers": self.managers.to_json(),
            "operator": self.operator.to_json(),
            "held_switches": sorted(self.held_switches),
            "wishes": self.wishes.to_json(),
            "load_shedding": self.load_shedding.to_json(),
        }


def _read[PartT](
    stored: Mapping[str, Any], part: str, read: Callable[[Any], PartT], default: PartT
) -> PartT:
    return read_part(part, lambda: read(stored[part]), default)


def _read_firmware(stored: dict[str, Any]) -> dict[str, FirmwareOffer]:
    return read_each("firmware", stored, FirmwareOffer.from_json)


def _read_managers(stored: dict[str, Any]) -> EnergyManagers:
    return EnergyManagers(read_each("setpoint", stored, ManagedSetpoint.from_json))


def _read_texts(stored: object) -> frozenset[str]:
    texts = [read_text(item) for item in read_list(stored)]
    return frozenset(text for text in texts if text is not None)
