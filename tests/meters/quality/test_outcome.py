"""Real meters that fail: the zone is safe, and the documentation says how."""

import pytest

from custom_components.headroom.engine.decision import ReasonCode
from tests.repository import meter_matrix

from .outcome import outcome
from .rig import Fault, entity_rig, modbus_rig


@pytest.mark.timeout(180)
@pytest.mark.usefixtures("socket_enabled")
async def test_the_table_of_faults_is_what_happens() -> None:
    assert meter_matrix.PLACE.written == await meter_matrix.table(), (
        f"python -m {meter_matrix.__name__} writes it"
    )


@pytest.mark.parametrize("make", [modbus_rig, entity_rig])
@pytest.mark.parametrize("fault", [Fault.UNKNOWN, Fault.EXCEPTION, Fault.HALF, Fault.REFUSED])
@pytest.mark.usefixtures("socket_enabled")
async def test_what_is_seen_at_once_degrades_the_zone_within_seconds(fault, make) -> None:
    async with make(fault) as rig:
        found = await outcome(rig, fault)
    assert found.lost
    assert found.reason in {ReasonCode.METER_SILENT, ReasonCode.PHASE_LOST}
    assert found.after.total_seconds() <= 3
