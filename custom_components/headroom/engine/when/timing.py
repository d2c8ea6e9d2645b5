"""What clock, plan and sun let each car of a site draw now."""

from collections.abc import Mapping

from ..known.observation import Observation
from ..memory.state import ConnectorState
from ..site.model import Site
from ..snapshot import Snapshot
from .permit import Bound, Permits, SunMode, permitted


class Timing:
    """Asks every rule of time and sun about the connectors of one site."""

    def __init__(self, site: Site, states: Mapping[str, ConnectorState]) -> None:
        self._site = site
        self._states = states

    def bounds(
        self, snapshot: Snapshot, observations: Mapping[str, Observation]
    ) -> dict[str, Bound]:
        """Return the bounds by connector id; who was told to charge at once has none."""
        bounds = {
            key: permitted(
                snapshot.sun_modes.get(key, SunMode.OFF),
                self._permits(seen, snapshot),
                seen.connector.entry,
            )
            for key, seen in observations.items()
            if key not in snapshot.forced
        }
        return {key: bound for key, bound in bounds.items() if bound is not None}

    def _permits(self, observation: Observation, snapshot: Snapshot) -> Permits:
        return Permits()
