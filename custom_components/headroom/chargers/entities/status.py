"""What other integrations call the states of a charger."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ...engine.snapshot import ConnectorStatus

COMMON_WORDS: Final[Mapping[str, ConnectorStatus]] = MappingProxyType(
    {
        word: status
        for status, words in {
            ConnectorStatus.AVAILABLE: (
                "a a1 a2 available disconnected free idle no_car no_car_connected no_vehicle "
                "not_connected ready standby unplugged waiting_for_car"
            ),
            ConnectorStatus.PREPARING: (
                "awaiting_start b b1 b2 connected connected_requesting occupied pending_approval "
                "plugged plugged_in preparing ready_to_charge wait_car waiting waiting_for_start"
            ),
            ConnectorStatus.CHARGING: "c c1 c2 charging d d1 d2 connected_charging in_use",
            ConnectorStatus.SUSPENDED_EV: (
                "car_paused charged complete completed connected_finished done finished "
                "finished_charging sleeping suspended_ev waiting_for_car_demand"
            ),
            ConnectorStatus.SUSPENDED_EVSE: (
                "awaiting_authorization paused paused_by_user scheduled suspended suspended_evse "
                "de_authorizing deauthorizing stopped"
            ),
            ConnectorStatus.FINISHING: "finishing",
            ConnectorStatus.RESERVED: "reserved",
            ConnectorStatus.UNAVAILABLE: (
                "disabled locked offline out_of_order updating maintenance"
            ),
            ConnectorStatus.FAULTED: "e error f fault faulted faulty",
        }.items()
        for word in words.split()
    }
)
"""Words as `normal` returns them; single letters are the states of IEC 61851.

A car that is full stays plugged in and may want more later, so it has not finished for good.
"""


def normal(word: str) -> str:
    """Return a word in lower case with underscores between its parts."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word)
    return re.sub(r"[^a-z0-9]+", "_", apart.lower()).strip("_")


def status_of(word: str | None, words: Mapping[str, ConnectorStatus]) -> ConnectorStatus:
    """Return what a word means, by the charger's own words before the common ones."""
    if word is None:
        return ConnectorStatus.UNKNOWN
    key = normal(word)
    return words.get(key) or COMMON_WORDS.get(key, ConnectorStatus.UNKNOWN)
