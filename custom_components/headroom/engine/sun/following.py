"""Who may charge by the sun, with how much, and what the others wait for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import inf
from typing import Final

from ..cars.asleep import Alertness
from ..currents import PerPhase
from ..decision import ReasonCode
from ..memory.state import ConnectorState
from ..site.model import Rules
from ..snapshot import ConnectorStatus
from ..when.permit import Bound
from .chase import rests_until, start_delay, stop_delay
from .phases import PhaseChoice
from .ration import Ration, Want
from .surplus import NO_SURPLUS, Surplus

_TOLERANCE: Final = 0.2
"""A that a car may be above its share, per phase: less is what meters show of nothing."""
_MOSTLY: Final = 0.5
"""A car goes on with one phase rather than stop where the sun gives this part of its floor."""
_WORTH: Final = 0.7
"""A smaller raise is not worth a setpoint, unless it reaches all that is useful."""


@dataclass(slots=True, kw_only=True)
class Following:
    """One step of the cars that follow the sun at one connection to the grid."""

    ration: Ration
    surplus: Surplus
    dark: ReasonCode
    """What those wait for who have no surplus."""
    states: Mapping[str, ConnectorState]
    rules: Rules
    now: datetime
    elapsed: timedelta
    bounds: dict[str, Bound] = field(default_factory=dict)
    """What has been worked out so far."""
    _exported: PerPhase = field(init=False)
    """What nobody takes yet."""
    _wants: Sequence[Want] = ()
    _pressing: float = inf
    """Class of who is to start as soon as those of later classes have made room; the first one."""

    def __post_init__(self) -> None:
        """Begin with all that flows out."""
        self._exported = self.surplus.exported

    def run(self, wants: Sequence[Want], topped_up: Sequence[Want]) -> Mapping[str, Bound]:
        """Return what the sun lets each car draw; the floors of `topped_up` come from the grid."""
        self._wants = (*wants, *topped_up)
        for want in self._wants:
            wear = self.states[want.key].wear
            wear.forget_stops_of_yesterday(self.now, self.rules.time_zone)
        self._widen()
        self._join(wants, topped_up)
        hoped = self._hope(wants, topped_up)
        runners = [want for want in wants if self._chases(want)]
        for want in wants:
            if want not in runners:
                self._wait(want, hoped)
        kept = self._keep(runners, topped_up)
        due = [want for want in runners if not want.idle and self._is_due(want, kept)]
        self._pressing = min((want.priority for want in due), default=inf)
        for want in runners:
            self._run(want, kept, hoped)
        for want in topped_up:
            self._top_up(want, kept, hoped)
        self._let_doze()
        return self.bounds

    def _let_doze(self) -> None:
        """Let those sleep whose part others have, so that they are asked again later (A7.2)."""
        if not any(bound.current for bound in self.bounds.values()):
            return
        for want in self._wants:
            slumber = self.states[want.key].slumber
            is_left_out = want.idle and not want.from_grid and not self.bounds[want.key].current
            if is_left_out and slumber.alertness is Alertness.WATCHED:
                slumber.doze(self.rules.queue, self.now)

    def _chases(self, want: Want) -> bool:
        return self.states[want.key].chase.charging

    def _widen(self) -> None:
        """Give those more phases to whom the grid may give more than those of now can carry."""
        for want in self._wants:
            if want.wider is not None:
                self.states[want.key].chase.take(len(want.wider))

    def _join(self, wants: Iterable[Want], topped_up: Iterable[Want]) -> None:
        """Let those go on who charge already when they come to follow the sun, if it gives enough.

        Nobody who follows it already gives way to them.
        """
        on = [want for want in wants if self._chases(want) or self._charges(want)]
        joining = [want for want in on if not self._chases(want)]
        if not joining:
            return
        shares = self._divide(self.surplus.now, {want: want.floor for want in (*on, *topped_up)})
        for want in joining:
            if shares[want.key] >= want.floor:
                self.states[want.key].chase.begin(self.now)

    def _charges(self, want: Want) -> bool:
        state = self.states[want.key]
        return state.commanded > 0 and state.status is ConnectorStatus.CHARGING

    def _hope(self, wants: Iterable[Want], topped_up: Iterable[Want]) -> dict[str, float]:
        """Return the shares if everybody who waits could start too."""
        lasting = self.surplus.lasting
        if lasting is None:
            return {}
        floors = {want: want.floor for want in topped_up}
        for want in wants:
            if self._chases(want):
                floors[want] = want.floor
            elif not self._rests(want):
                floors[want] = self._threshold(want)
        return self._divide(lasting, floors)

    def _divide(self, room: PerPhase, floors: Mapping[Want, float]) -> dict[str, float]:
        """Share surplus; who is idle may begin if all floors fit, but keeps nothing from others."""
        shares = self._shared(room, {want: floors[want] for want in floors if not want.idle})
        if len(shares) < len(floors):
            least = {replace(want, cap=floor): floor for want, floor in floors.items()}
            offers = self._shared(room, least)
            shares |= {want.key: offers[want.key] for want in floors if want.idle}
        return shares

    def _shared(self, room: PerPhase, floors: Mapping[Want, float]) -> dict[str, float]:
        """Share surplus, and what the battery feeds among those whom it may feed."""
        shares = self.ration.divide(room, floors)
        fed = {want: floor for want, floor in floors.items() if want.fed}
        if not fed or self.surplus.fed == PerPhase():
            return shares
        left = room + self.surplus.fed
        for want in floors.keys() - fed.keys():
            left -= self.ration.taken(want.phases, shares[want.key])
        return shares | self.ration.divide(left, fed)

    def _keep(self, runners: Sequence[Want], topped_up: Sequence[Want]) -> dict[str, float]:
        """Return the shares of those who charge.

        Who is held at its floor, for which the sun is too little, is given what others have above
        theirs.
        """
        now, ration = self.surplus.now, self.ration
        shares = self._divide(now, {want: want.floor for want in (*runners, *topped_up)})
        floors = {want: want.floor for want in (*runners, *topped_up) if not want.idle}
        short = [want for want in floors if shares[want.key] < want.floor]
        if not short:
            return shares
        served = {want: floor for want, floor in floors.items() if want not in short}
        needed = PerPhase()
        for want in served:
            needed += ration.taken(want.phases, want.floor)
        for want in short:
            if want in runners:
                now -= ration.taken(want.phases, want.floor)
        shares |= self._divide(now.highest(needed), served)
        self._give_the_rest(short, shares, served)
        return shares

    def _give_the_rest(
        self, short: Iterable[Want], shares: dict[str, float], served: Iterable[Want]
    ) -> None:
        """Give what is less than a floor to those whose floors do not fit, one after the other."""
        ration, left = self.ration, self.surplus.now
        for want in served:
            left -= ration.taken(want.phases, shares[want.key])
        for want in sorted(short, key=lambda want: (want.priority, want.order, want.key)):
            shares[want.key] = min(want.floor, max(0.0, ration.reach(left, want.phases)))
            left -= ration.taken(want.phases, shares[want.key])

    def _wait(self, want: Want, hoped: Mapping[str, float]) -> None:
        state, rules = self.states[want.key], self.rules.sun
        chase = state.chase
        delay = start_delay(state.wear, self.rules.wear, rules)
        enough = hoped.get(want.key, 0.0) >= self._threshold(want)
        chase.gather(enough=enough, elapsed=self.elapsed, most=delay)
        rests = self._rests_until(want)
        if rests is not None:
            self.bounds[want.key] = Bound(0.0, ReasonCode.SUN_RESTS, rests)
        elif not enough:
            self.bounds[want.key] = Bound(0.0, self._why_none(want))
        else:
            until = self.now + delay - chase.gathered
            self.bounds[want.key] = Bound(0.0, ReasonCode.SUN_START_DELAY, until)
            if chase.gathered >= delay:
                self._begin(want, hoped)

    def _why_none(self, want: Want) -> ReasonCode:
        """Return what a car waits for: the sun, or others that have what would be enough."""
        lasting = self.surplus.lasting
        least = self._threshold(want)
        if lasting is None or self.ration.reach(lasting, want.phases) < least:
            return self.dark
        alone = self.ration.divide(lasting, {want: least})[want.key]
        return self.dark if alone < least else ReasonCode.SUN_TAKEN

    def _begin(self, want: Want, hoped: Mapping[str, float]) -> None:
        chase = self.states[want.key].chase
        chase.begin(self.now)
        if want.automatic and not want.from_grid:
            more = want.choice.more
            enough = more is not None and self._suffices(want, more, hoped)
            chase.phases = len(more if more and enough else want.phases)

    def _run(self, want: Want, kept: Mapping[str, float], hoped: Mapping[str, float]) -> None:
        """Go on with a car that may charge; it starts when what it needs flows out."""
        state, share = self.states[want.key], kept[want.key]
        chase = state.chase
        chase.current = chase.current or state.commanded
        lacking = 1 - share / want.floor
        if not chase.current and (lacking > 0 or want.choice.unsettled or not self._take(want)):
            if lacking > 0 and self.surplus is not NO_SURPLUS:
                chase.forget()
            self.bounds[want.key] = Bound(0.0, self._why_none(want))
            return
        chase.owe(lacking, self.elapsed)
        if self._does_with_one(want, share):
            chase.take(1)
        elif self._is_over(want, lacking):
            self._stop(want, state)
            return
        else:
            self._consider_more(want, hoped)
        current = self._smoothed(want, max(share, want.floor), hoped.get(want.key, 0.0))
        code = ReasonCode.SUN_TOO_LITTLE if lacking > 0 else ReasonCode.SUN_SURPLUS
        self.bounds[want.key] = Bound(current, code)

    def _top_up(self, want: Want, kept: Mapping[str, float], hoped: Mapping[str, float]) -> None:
        """Go on with a car that charges in any case."""
        state, share = self.states[want.key], kept[want.key]
        chase = state.chase
        chase.current = chase.current or state.commanded
        if not want.idle:
            chase.owe(1 - share / want.floor, self.elapsed)
        if not want.choice.fewer:
            self._consider_more(want, hoped)
        elif chase.is_over(self.rules.sun.stop_delay, self.rules.sun, self.now):
            chase.take(len(want.choice.fewer))
        current = self._smoothed(want, share, hoped.get(want.key, 0.0))
        code = ReasonCode.SUN_TOPPED_UP if current < want.floor else ReasonCode.SUN_SURPLUS
        self.bounds[want.key] = Bound(current, code)

    def _consider_more(self, want: Want, hoped: Mapping[str, float]) -> None:
        """Give a car three phases once surplus for them has lasted."""
        chase, more = self.states[want.key].chase, want.choice.more
        if more is None:
            chase.forget_more()
            return
        enough, most = self._suffices(want, more, hoped), self.rules.sun.more_phases_after
        if chase.gather_more(self.now, enough=enough, elapsed=self.elapsed, most=most):
            chase.take(len(more))

    def _suffices(self, want: Want, phases: tuple[int, ...], hoped: Mapping[str, float]) -> bool:
        """Return whether a car that has all that it can take would have more on more phases."""
        lasting = self.surplus.lasting
        if lasting is None or hoped.get(want.key, 0.0) < want.cap:
            return False
        wider = replace(want, choice=PhaseChoice(now=phases))
        floors = {other: other.floor for other in self._wants if other.key in hoped}
        del floors[want]
        shares = self._divide(lasting, floors | {wider: wider.floor})
        least = want.floor + self.rules.sun.hysteresis / len(phases)
        return shares[want.key] > least - want.connector.step

    def _is_due(self, want: Want, kept: Mapping[str, float]) -> bool:
        """Return whether a car that may charge has not begun."""
        state = self.states[want.key]
        return not (state.chase.current or state.commanded) and kept[want.key] >= want.floor

    def _does_with_one(self, want: Want, share: float) -> bool:
        """Return whether a car goes on with one phase, of whose floor the sun gives enough."""
        chase, rules = self.states[want.key].chase, self.rules.sun
        enough = share * len(want.phases) >= want.floor * _MOSTLY
        return (
            want.choice.fewer is not None
            and not want.from_grid
            and enough
            and chase.is_over(rules.stop_delay / len(want.phases), rules, self.now)
        )

    def _is_over(self, want: Want, lacking: float) -> bool:
        """Return whether a car has to stop."""
        state, rules = self.states[want.key], self.rules.sun
        if lacking > 0 and self._pressing < want.priority and state.chase.has_run(rules, self.now):
            return True
        return state.chase.is_over(stop_delay(state.wear, rules), rules, self.now)

    def _take(self, want: Want) -> bool:
        """Take a floor from what flows out; return False if there is not enough yet.

        For who is idle it need not flow out, for others have it until that one begins.
        """
        if want.idle:
            return True
        room = self._exported + self.surplus.fed if want.fed else self._exported
        if self.ration.reach(room, want.phases) < want.floor:
            return False
        self._exported -= self.ration.taken(want.phases, want.floor)
        return True

    def _stop(self, want: Want, state: ConnectorState) -> None:
        if self._charges(want) and not want.from_grid:
            state.wear.note_stop(self.now)
        state.chase.forget()
        self.bounds[want.key] = Bound(0.0, self._why_none(want))

    def _smoothed(self, want: Want, share: float, hoped: float) -> float:
        """Return the new current of a car: less as soon as it must be, more if that is worth it."""
        chase = self.states[want.key].chase
        if chase.current > share + _TOLERANCE:
            chase.current = share
        else:
            most = min(share, hoped)
            worth = _TOLERANCE if most >= want.cap else _WORTH
            if most >= chase.current + worth or not chase.current:
                chase.current = max(chase.current, most, min(share, want.floor))
        return chase.current

    def _threshold(self, want: Want) -> float:
        return min(want.floor + self.rules.sun.hysteresis, max(want.cap, want.floor))

    def _rests(self, want: Want) -> bool:
        return self._rests_until(want) is not None

    def _rests_until(self, want: Want) -> datetime | None:
        rules = self.rules
        return rests_until(self.states[want.key].wear, rules.wear, self.now, rules.time_zone)
