"""Fixtures of the meters' tests."""

from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import timedelta

import pytest

from custom_components.headroom.meters.modbus_meter import ModbusMeter
from custom_components.headroom.meters.model_files import load_models
from custom_components.headroom.meters.models import MeterModel
from custom_components.headroom.modbus.address import TcpServer, UnitAddress
from custom_components.headroom.modbus.endpoint import EndpointPool
from tests.modbus.fakes import Clock, Pacer
from tests.modbus.fixtures import StartServer, answer_time, clock, pacer, pool, start_server

__all__ = ["StartServer", "answer_time", "clock", "pacer", "pool", "start_server"]

type MakeMeter = Callable[..., ModbusMeter]


@pytest.fixture
def models() -> Mapping[str, MeterModel]:
    return load_models()


@pytest.fixture
async def make_meter(
    pool: EndpointPool, clock: Clock, pacer: Pacer, models: Mapping[str, MeterModel]
) -> AsyncGenerator[MakeMeter]:
    meters: list[ModbusMeter] = []

    def make(port: int, unit: int = 1, model: str = "schneider_iem3000") -> ModbusMeter:
        meter = ModbusMeter(
            pool,
            UnitAddress(TcpServer("127.0.0.1", port), unit),
            models[model],
            period=timedelta(milliseconds=500),
            now=clock.now,
            sleep=pacer.sleep,
        )
        meters.append(meter)
        return meter

    yield make
    for meter in meters:
        await meter.stop()
