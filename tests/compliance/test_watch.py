"""All chargers of a site under watch."""

from datetime import datetime, timedelta
from unittest.mock import Mock, create_autospec

import pytest

from custom_components.headroom.chargers.base import ChargerLink, ConnectorData
from custom_components.headroom.compliance.incident import Cause, Tolerance
from custom_components.headroom.compliance.watch import ComplianceWatch, Order
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.snapshot import ConnectorReading, ConnectorStatus

from .course import SECOND, START

WALL = "wall"
ORDER = Order(setpoint=6.0, phases=3)
BOTH = {1: ORDER, 2: ORDER}


@pytest.fixture
def charger() -> Mock:
    """Return a link to a charger with two connectors that do nothing wrong."""
    charger: Mock = create_autospec(ChargerLink, instance=True)
    charger.contacts = 1
    charger.reading.return_value = ConnectorReading(online=True)
    charger.connectors = {1: ConnectorData(), 2: ConnectorData()}
    return charger


class Site:
    """One charger and its watch."""

    def __init__(self, charger: Mock, tolerance: Tolerance | None = None) -> None:
        self.charger = charger
        self.watch = ComplianceWatch() if tolerance is None else ComplianceWatch(tolerance)
        self.orders = {WALL: BOTH}
        self.now: datetime = START

    def go_on(self, seconds: int = 1) -> None:
        """Look once a second."""
        for _ in range(seconds):
            self.now += SECOND
            self.watch.look({WALL: self.charger}, self.orders, self.now)

    def misbehave(self, connector: int, status: ConnectorStatus = ConnectorStatus.CHARGING) -> None:
        """Let a connector refuse its limit."""
        data = ConnectorData(refusing=True, status=status, drawn=PerPhase(9.0))
        self.charger.connectors = {**self.charger.connectors, connector: data}

    @property
    def causes(self) -> list[tuple[Cause, int | None]]:
        """Return what is wrong and where."""
        return [(found.cause, found.connector) for found in self.watch.incidents(WALL)]


@pytest.fixture
def site(charger: Mock) -> Site:
    return Site(charger)


def test_a_charger_that_begins_contact_again_and_again(site: Site) -> None:
    for _ in range(3):
        site.go_on(60)
        site.charger.contacts += 1
    site.go_on(60)
    assert site.causes == []
    site.charger.contacts += 1
    site.go_on()
    assert site.causes == [(Cause.RESTARTS, None)]
    assert site.watch.of_connector(WALL, 2) == site.watch.incidents(WALL)
    site.go_on(600)
    assert site.causes == [(Cause.RESTARTS, None)]
    site.go_on(300)
    assert site.causes == []


def test_many_contacts_at_once_count(site: Site) -> None:
    site.go_on()
    site.charger.contacts += 10
    site.go_on()
    assert site.causes == [(Cause.RESTARTS, None)]


def test_each_connector_is_judged_and_the_worst_comes_first(site: Site) -> None:
    site.misbehave(2)
    site.go_on(10)
    site.misbehave(1)
    site.charger.contacts += 10
    site.go_on(30)
    assert site.causes == [(Cause.REFUSES, 1), (Cause.REFUSES, 2), (Cause.RESTARTS, None)]
    assert [i.connector for i in site.watch.of_connector(WALL, 2)] == [2, None]


def test_a_connector_without_a_place_in_the_site_is_not_judged(site: Site) -> None:
    site.orders = {WALL: {2: ORDER}}
    site.misbehave(1)
    site.go_on(60)
    assert site.causes == []


def test_a_connector_that_loses_its_place_is_forgotten(site: Site) -> None:
    site.misbehave(1)
    site.go_on(60)
    site.orders = {WALL: {2: ORDER}}
    site.go_on()
    assert site.causes == []
    site.orders = {WALL: BOTH}
    site.go_on()
    assert site.causes == []


def test_a_charger_that_is_gone_is_forgotten(site: Site) -> None:
    site.misbehave(1)
    site.go_on(60)
    site.watch.look({}, {}, site.now)
    assert site.causes == []


def test_tolerances_can_be_chosen(charger: Mock) -> None:
    site = Site(charger, Tolerance(refusing=timedelta(seconds=5)))
    site.misbehave(1)
    site.go_on(7)
    assert site.causes == [(Cause.REFUSES, 1)]
