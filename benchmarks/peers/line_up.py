"""All controllers by name."""

from collections.abc import Callable, Mapping
from typing import Final

from simulator.trial.controller import Controller, Installation
from simulator.trial.headroom import HeadroomController
from simulator.trial.house import Course

from .ev_load_balancer import EvLoadBalancer
from .evcc import Evcc
from .hass_evse_lb import HassEvseLoadBalancer
from .naive import Naive, NaiveShared
from .openwb import OpenWb
from .oracle import Oracle
from .reference.controller import Reference
from .smartevse import SmartEvse

type Maker = Callable[[Installation, Course], Controller]
"""Builds a controller; only an oracle looks at what the house will draw."""

CONTROLLERS: Final[Mapping[str, Maker]] = {
    "naive": lambda site, _: Naive(site),
    "naive-shared": lambda site, _: NaiveShared(site),
    "evcc30": lambda site, _: Evcc(site, interval=30),
    "evcc10": lambda site, _: Evcc(site, interval=10),
    "openwb10": lambda site, _: OpenWb(site),
    "smartevse": lambda site, _: SmartEvse(site),
    "hass-evse-lb": lambda site, _: HassEvseLoadBalancer(site),
    "ev-load-balancer": lambda site, _: EvLoadBalancer(site),
    "reference": lambda site, _: Reference(site),
    "reference-4A": lambda site, _: Reference(site, reserve=4),
    "headroom": lambda site, _: HeadroomController(site),
    "headroom-4%": lambda site, _: HeadroomController(site, margin=4.0),
    "oracle-latency": Oracle,
}

ONE_CHARGER_ONLY: Final = frozenset({"hass-evse-lb", "ev-load-balancer"})
"""They steer one charger and are not tried on sites with more."""
