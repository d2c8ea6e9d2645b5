"""Stations of OCPP 2.0.1 and 2.1."""

import pytest

from simulator.station.protocol import Protocol
from simulator.station.station import Station

from ..conftest import StationMaker
from ..csms import CentralSystem


@pytest.fixture(params=[Protocol.OCPP_2_0_1, Protocol.OCPP_2_1])
def protocol(request: pytest.FixtureRequest) -> Protocol:
    chosen: Protocol = request.param
    return chosen


@pytest.fixture
async def station(
    protocol: Protocol, new_station: StationMaker, csms: CentralSystem, url: str
) -> Station:
    csms.speak(protocol)
    station = new_station(protocol=protocol, offline_limits=True)
    await station.connect(url)
    return station
