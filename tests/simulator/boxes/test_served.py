"""The registers of every kind of box, as the integration reads and writes them."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pymodbus.client import AsyncModbusTcpClient

from custom_components.headroom.chargers.base import ConnectorProfile
from custom_components.headroom.chargers.modbus.charger import ModbusCharger
from custom_components.headroom.chargers.modbus.dialect_files import load_dialects
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.snapshot import ConnectorStatus
from custom_components.headroom.modbus.address import TcpServer, UnitAddress
from custom_components.headroom.modbus.endpoint import EndpointPool
from simulator.boxes.box import Box, Fault
from simulator.boxes.kinds import KINDS
from simulator.boxes.served import ServedBox
from simulator.gateway import Gateway
from simulator.plant.ev import CarModel
from simulator.plant.park import CarPark

MODBUS = [name for name, kind in KINDS.items() if kind.is_modbus]
ARMED = [name for name in MODBUS if KINDS[name].signs]
CONNECTOR = ConnectorProfile(fallback=8.0, max_current=32.0)


class Rig:
    """A box, the plant around it, and the integration's charger that polls it."""

    def __init__(self, park: CarPark, kind: str) -> None:
        self.park = park
        self.outlet = park.outlets["one"]
        self.box = Box("B", kind=kind, outlet=self.outlet, clock=lambda: park.now, fallback=8)
        self.gateway = Gateway([ServedBox(self.box, unit=KINDS[kind].unit)])
        self.pool = EndpointPool(lambda: park.now, timeout=timedelta(seconds=10), sleep=self._sleep)
        self.charger: ModbusCharger

    async def _sleep(self, seconds: float) -> None:
        """Keep a pause by the clock of the plant."""
        self.park.advance(seconds)

    async def start(self) -> None:
        await self.gateway.start()
        self.charger = ModbusCharger(
            self.pool,
            UnitAddress(TcpServer("127.0.0.1", self.gateway.port), KINDS[self.box.kind].unit),
            load_dialects()[self.box.kind],
            {1: CONNECTOR},
            now=lambda: self.park.now,
        )

    async def stop(self) -> None:
        await self.charger.close()
        await self.pool.close()
        await self.gateway.stop()

    async def live(self, seconds: int) -> None:
        for _ in range(seconds):
            await self.charger.poll()
            self.park.advance(1)
        await self.charger.poll()


@pytest.fixture
async def rig(park: CarPark, kind: str, socket_enabled: None) -> AsyncIterator[Rig]:
    rig = Rig(park, kind)
    await rig.start()
    yield rig
    await rig.stop()


def test_there_is_a_box_for_every_dialect() -> None:
    assert set(MODBUS) == set(load_dialects())


def status(rig: Rig) -> ConnectorStatus:
    return rig.charger.connectors[1].status


@pytest.mark.parametrize("kind", MODBUS)
async def test_the_integration_sees_what_is_true_and_limits_it(rig: Rig) -> None:
    rig.charger.set_current(1, 14)
    await rig.live(1)
    assert status(rig) is ConnectorStatus.AVAILABLE
    rig.park.arrive("one", CarModel())
    await rig.live(30)
    data = rig.charger.connectors[1]
    assert status(rig) is ConnectorStatus.CHARGING
    assert data.drawn == pytest.approx(PerPhase(14, 14, 14))
    assert data.power == pytest.approx(3 * 14 * 230)
    assert data.confirmed == 14
    assert data.voltages in {None, PerPhase(230, 230, 230)}
    assert data.energy is None or data.energy == pytest.approx(rig.outlet.energy, abs=60)
    assert data.session
    assert data.session.energy == pytest.approx(rig.outlet.energy, abs=60)
    rig.charger.set_current(1, 0)
    await rig.live(10)
    assert rig.outlet.currents == PerPhase()
    assert status(rig) is ConnectorStatus.SUSPENDED_EVSE


@pytest.mark.parametrize("kind", ARMED)
async def test_armed_it_falls_back_when_nobody_polls(rig: Rig) -> None:
    rig.park.arrive("one", CarModel())
    rig.charger.set_current(1, 16)
    await rig.live(90)
    assert rig.outlet.offered == 16
    assert not rig.charger.reading(1).fallback_refused
    lease = rig.charger.reading(1).lease_until
    assert lease
    rig.park.advance((lease - rig.park.now).total_seconds() + 1)
    assert rig.outlet.offered == 8
    await rig.live(30)
    assert rig.outlet.offered == 16


@pytest.mark.parametrize("kind", ["bender_cc61x"])
async def test_refused_writes(rig: Rig) -> None:
    rig.box.misbehave([Fault.REFUSES_WRITES])
    rig.charger.set_current(1, 16)
    await rig.live(2)
    assert rig.charger.online
    assert rig.charger.connectors[1].confirmed is None
    assert rig.outlet.offered == 32


@pytest.mark.parametrize("kind", ["vestel"])
async def test_each_table_is_read_by_its_function(rig: Rig) -> None:
    async with AsyncModbusTcpClient("127.0.0.1", port=rig.gateway.port, retries=0) as client:
        answers = [
            await client.read_input_registers(1000, device_id=255),
            await client.read_holding_registers(2000, device_id=255),
            await client.read_holding_registers(1000, device_id=255),
            await client.read_input_registers(2000, device_id=255),
            await client.write_register(1000, 1, device_id=255),
            await client.write_registers(2000, [1, 2], device_id=255),
        ]
    assert [answer.isError() for answer in answers] == [False, False, True, True, True, True]
    assert rig.gateway.units[0].label == "box B: vestel"
