"""What one station can do: how that is asked, and what is remembered of it."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..base import ChargerInfo
from .config import CentralSystemConfig
from .connection import Connection
from .errands import configure
from .experience import FIRST_VERSION, Experience, Findings
from .measurands import choose_measurands
from .traits import TELLING, Setting, StationTraits, Unit

_LOGGER = logging.getLogger(__name__)


class Probe:
    """The questions to one station, most answers of which stand for all stations of its kind."""

    def __init__(
        self,
        station: str,
        experience: Experience,
        config: CentralSystemConfig,
        save: Callable[[], Awaitable[None]],
    ) -> None:
        self._station = station
        self._experience = experience
        self._config = config
        self._save = save
        self.version = FIRST_VERSION
        self.is_over = False
        """Whether the station has been asked since its contact began or since it started anew."""
        self.asks_for_badges = False
        """Whether the station asks for every badge that is held against it, while in contact."""
        self.refused_settings: frozenset[str] = frozenset()
        self.composites: dict[int, str | None] = {}
        """By connector: the limit that the station said is in force once it had its limits."""

    @property
    def findings(self) -> Findings:
        """Return what is known of stations of this kind."""
        return self._experience.of(self._station, self.version)

    @property
    def traits(self) -> StationTraits:
        """Return what the station said that it can do."""
        able = self._experience.switches_phases(self._station)
        return replace(self.findings.traits, switches_phases=able)

    def meet(self, info: ChargerInfo) -> None:
        """Note what kind the station is."""
        self._experience.meet(self._station, self.version, info)

    async def learn(self, **changes: Any) -> None:  # noqa: ANN401 - fields of Findings
        """Remember changed findings."""
        if self._experience.learn(self._station, self.version, replace(self.findings, **changes)):
            await self._save()

    def phases_of(self, connector: int) -> int | None:
        """Return how many phases a connector was told to use; None if that is left to it."""
        return self._experience.phases_of(self._station).get(connector)

    async def keep_phases(self, counts: Mapping[int, int | None]) -> None:
        """Remember which numbers of phases are to outlive a restart."""
        told = {number: count for number, count in counts.items() if count is not None}
        if self._experience.keep_phases(self._station, told):
            await self._save()

    async def ask(self, connection: Connection) -> str | None:
        """Ask what the station can do; return whether its sessions outlive a loss of power."""
        answers = await connection.read_settings(
            (*TELLING, Setting.POWER_LOSS, Setting.KNOWS_BADGES)
        )
        self.is_over = True
        self.asks_for_badges = answers.pop(Setting.KNOWS_BADGES, "").lower() == "false"
        power_loss = answers.pop(Setting.POWER_LOSS, None)
        if answers:
            given = {key.value: value for key, value in answers.items()}
            able = StationTraits.read(given).switches_phases
            if self._experience.keep_switching(self._station, able=able):
                await self._save()
            given.pop(Setting.SWITCHES_PHASES.value, None)
            await self.learn(answers=given)
        return power_loss

    async def ask_composites(
        self, connection: Connection, connectors: Iterable[int], unit: Unit
    ) -> None:
        """Ask which limits are in force."""
        for number in tuple(connectors):
            limit = await connection.composite(number, unit)
            self.composites[number] = None if limit is None else f"{limit:g} {unit}"

    async def set_up(self, connection: Connection) -> None:
        """Change the settings that Headroom relies on."""

        async def remember(measurands: str) -> None:
            await self.learn(measurands=measurands)

        measures = await choose_measurands(
            connection, self.traits, self.findings.measurands, remember
        )
        refused = await configure(connection, self._config)
        if not measures:
            refused |= {Setting.MEASURANDS.value}
        if refused - self.refused_settings:
            _LOGGER.info("Station %s does not take %s", self._station, ", ".join(sorted(refused)))
        self.refused_settings = refused
