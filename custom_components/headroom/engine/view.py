"""What a step knows before it decides."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from .acting.crowding import Crowding
from .cars.demand import Demand
from .cars.following import Car
from .currents import PerPhase
from .decision import Sunlight
from .grid.standing import GuardView
from .known.departed import Departures
from .known.limits import Budget
from .known.observation import Observation
from .memory.state import ConnectorState
from .sharing.admission import Claim
from .sharing.allocation import Grant
from .sharing.plan import LinkKind, Plan, round_down, round_up
from .site.breaker import ProtectiveDevice
from .site.model import Connector, Site
from .snapshot import Snapshot
from .tuning import Tuning
from .when.tariffs import TariffState

type Rank = tuple[object, ...]


@dataclass(frozen=True, kw_only=True)  # no slots, for what is worked out once is kept
class View:
    """The site at the moment of a step; mappings go by connector id unless they say otherwise."""

    site: Site
    plan: Plan
    tuning: Tuning
    snapshot: Snapshot
    states: Mapping[str, ConnectorState]
    departures: Departures
    observations: Mapping[str, Observation]
    cars: Mapping[str, Car]
    demands: Mapping[str, Demand]
    ranks: Mapping[str, Rank]
    """Order of admission within a class of priority, the lowest first."""
    arrivals: Mapping[str, Rank]
    """Order in which FIFO gives."""
    metered: Container[str]
    """Connectors below a meter that sees other loads beside them."""
    phases: Mapping[str, tuple[int, ...]]
    """Grid phases that each connector's car may use."""
    budgets: Mapping[str, Budget]
    """By zone id."""
    unbalance: Mapping[str, PerPhase]
    """What one- and two-phase cars may draw, in A, by id of the zones that limit it."""
    overdrafts: Mapping[str, PerPhase]
    """What floors of charging cars may exceed the budget of dynamic zones by, in A, by zone id."""
    crowding: Crowding
    tariffs: TariffState
    sunlight: Sunlight
    guards: GuardView

    def connectors(self) -> Iterator[tuple[Connector, Observation, Demand]]:
        """Iterate over the connectors with what is known of each."""
        for key, observation in self.observations.items():
            yield observation.connector, observation, self.demands[key]

    @cached_property
    def room_to_aim_at(self) -> Sequence[int]:
        """Return what the EVs are lowered to, in deciamps per link."""
        return self._room({zone: budget.aim for zone, budget in self.budgets.items()})

    @cached_property
    def room_to_keep(self) -> Sequence[int]:
        """Return what the EVs may go on drawing, in deciamps per link."""
        return self._room({zone: budget.keep for zone, budget in self.budgets.items()})

    @cached_property
    def room_to_grow(self) -> Sequence[int]:
        """Return what raising may fill, in deciamps per link."""
        return self._room({zone: budget.grow for zone, budget in self.budgets.items()})

    def _room(self, budgets: Mapping[str, PerPhase]) -> Sequence[int]:
        """Return what budgets leave beside departed connectors, below 0 where these take more."""
        room = self.plan.headroom(budgets, self.unbalance)
        if not self.departures.gone:
            return room
        return [
            most - round_up(self.departures.on(link.zone, link.phase))
            for most, link in zip(room, self.plan.links, strict=True)
        ]

    def overdraft(self) -> list[int] | None:
        """Return what floors of charging cars may exceed the aim by on each link, in deciamps."""
        if not self.overdrafts:
            return None
        return [
            round_down(self._overdraft_on(link.zone, link.phase))
            if link.kind is LinkKind.CURRENT and link.zone in self.overdrafts
            else 0
            for link in self.plan.links
        ]

    def _overdraft_on(self, zone: str, phase: int) -> float:
        budget = self.budgets[zone]
        return self.overdrafts[zone][phase] + budget.keep[phase] - budget.aim[phase]

    def slack(self) -> list[int]:
        """Return what each link may be above its budget for a moment, in deciamps.

        It is less than what a meter can tell; a hard limit bears nothing all the same.
        """
        little = round_down(self.tuning.slack)
        return [
            0
            if self.site.zone_by_id[link.zone].protection is ProtectiveDevice.HARD
            or link.kind is LinkKind.UNBALANCE
            else little
            for link in self.plan.links
        ]

    def total(self, currents: Mapping[str, float]) -> Sequence[int]:
        """Return the sum of the connectors' currents in A on each link, in deciamps."""
        return self.plan.total(currents, self.phases)

    @cached_property
    def links(self) -> Mapping[str, tuple[int, ...]]:
        """Return the links that each connector loads."""
        links_of = self.plan.links_of
        return {key: links_of(key, phases) for key, phases in self.phases.items()}

    def awaited(self, grants: Mapping[str, Grant]) -> set[int]:
        """Return the links on which somebody who has nothing yet is granted a start."""
        return {
            link
            for key, grant in grants.items()
            if grant.current and not self.states[key].commanded
            for link in self.links[key]
        }

    def claim(self, connector: Connector, cap: int, base: int = 0) -> Claim:
        """Return what a connector claims; deciamps."""
        key = connector.id
        return Claim(
            connector=key,
            phases=self.phases[key],
            floor=round_up(connector.floor),
            cap=cap,
            step=round_up(connector.step),
            priority=self.demands[key].priority,
            rank=self.ranks.get(key, ()),
            arrival=self.arrivals.get(key, ()),
            base=base,
            holds=self.states[key].commanded > 0,
            doubt=self._doubt(key),
        )

    def _doubt(self, key: str) -> int:
        """Return what a connector may draw unseen below a meter, in deciamps."""
        unseen = key in self.metered and not self.observations[key].measured
        return round_up(self.states[key].commanded) if unseen else 0

    def lenience(self, key: str) -> int:
        """Return by how much a connector may be off its share, in deciamps.

        Where other loads move the shares all the time, a few are changed by more rather than all
        by little.
        """
        return round_down(self.tuning.lenience) if key in self.metered else 0

    def deficit(self, key: str, target: int) -> int:
        """Return what a connector's setpoint lacks of its target, in deciamps."""
        return target - round_up(self.states[key].commanded)
