"""Setpoints of an energy manager: one writer, a period, a heartbeat, and what is left behind."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.grid.manager import (
    EnergyManagers,
    ManagedSetpoint,
    ManagerPolicy,
    Verdict,
)
from custom_components.headroom.engine.inputs import Ask, LimitUnit, Reach, ZoneLimit

START = datetime(2026, 6, 21, 12, tzinfo=UTC)
POLICY = ManagerPolicy()


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def setpoint(
    seconds: float = 0,
    controller: str = "ems",
    current: float | None = 10.0,
    *,
    power: float | None = None,
    lasts: float | None = None,
    for_evs: bool = False,
) -> ManagedSetpoint:
    return ManagedSetpoint(
        controller=controller,
        at=after(seconds),
        current=current,
        power=power,
        for_evs=for_evs,
        expires=None if lasts is None else after(seconds + lasts),
    )


@pytest.mark.parametrize(
    ("update", "verdict"),
    [
        (setpoint(59.9), Verdict.DROPPED),
        (setpoint(60), Verdict.ACCEPTED),
        (setpoint(600), Verdict.ACCEPTED),
        (setpoint(-30), Verdict.ACCEPTED),
        (setpoint(59.9, "other"), Verdict.REFUSED),
        (setpoint(600, "other"), Verdict.REFUSED),
        (setpoint(600.1, "other"), Verdict.ACCEPTED),
    ],
    ids=str,
)
def test_who_may_write_and_how_often(update: ManagedSetpoint, verdict: Verdict) -> None:
    managers = EnergyManagers()
    first = setpoint()
    assert managers.write("z", first, POLICY) is Verdict.ACCEPTED
    assert managers.write("z", update, POLICY) is verdict
    accepted = verdict is Verdict.ACCEPTED
    assert managers.setpoints == {"z": update if accepted else first}
    assert managers.write("y", setpoint(1, "third"), POLICY) is Verdict.ACCEPTED


def test_the_first_of_many_updates_counts() -> None:
    managers = EnergyManagers()
    taken = [
        second
        for second in range(200)
        if managers.write("z", setpoint(second), POLICY) is Verdict.ACCEPTED
    ]
    assert taken == [0, 60, 120, 180]


def test_current_and_power_are_asked_for_everything_or_for_evs() -> None:
    managers = EnergyManagers({"z": setpoint(power=7000.0, lasts=90, for_evs=True)})
    ends = after(90)
    current, power = managers.look(after(1), POLICY)
    assert current == ZoneLimit(
        zone="z",
        ask=Ask(10.0, until=ends),
        code=ReasonCode.ENERGY_MANAGER,
        reach=Reach.EVS,
    )
    assert (power.ask, power.unit) == (Ask(7000.0, until=ends), LimitUnit.WATTS)
    everything = EnergyManagers({"z": setpoint()}).look(START, POLICY)
    assert [limit.reach for limit in everything] == [Reach.EVERYTHING]


def test_a_setpoint_that_expires_leaves_nothing_behind() -> None:
    managers = EnergyManagers({"z": setpoint(lasts=90)})
    assert managers.write("z", setpoint(89, "other"), POLICY) is Verdict.REFUSED
    assert len(managers.look(after(89.9), POLICY)) == 1
    assert managers.look(after(90), POLICY) == ()
    assert managers.setpoints == {}
    assert managers.write("z", setpoint(90, "other"), POLICY) is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("fallback", "left"), [(None, []), (0.0, [0.0]), (6.0, [6.0]), (16.0, [16.0])]
)
def test_a_setpoint_that_is_not_renewed_lapses(fallback: float | None, left: list[float]) -> None:
    policy = ManagerPolicy(heartbeat=timedelta(seconds=100), fallback=fallback)
    managers = EnergyManagers({"z": setpoint(lasts=500)})
    assert [limit.ask.most for limit in managers.look(after(100), policy)] == [10.0]
    limits = managers.look(after(100.1), policy)
    assert [limit.ask.most for limit in limits] == left
    assert {limit.code for limit in limits} <= {ReasonCode.ENERGY_MANAGER_SILENT}
    assert managers.write("z", setpoint(101), policy) is Verdict.ACCEPTED
    assert [limit.code for limit in managers.look(after(102), policy)] == [
        ReasonCode.ENERGY_MANAGER
    ]


def test_a_leap_of_the_clock_back_counts_as_silence() -> None:
    managers = EnergyManagers({"z": setpoint()})
    assert [one.code for one in managers.look(after(-601), POLICY)] == [
        ReasonCode.ENERGY_MANAGER_SILENT
    ]


@pytest.mark.parametrize(
    ("controller", "seconds", "verdict"),
    [
        ("ems", 1, Verdict.ACCEPTED),
        ("other", 1, Verdict.REFUSED),
        ("other", 601, Verdict.ACCEPTED),
    ],
)
def test_who_may_release_a_zone(controller: str, seconds: float, verdict: Verdict) -> None:
    managers = EnergyManagers({"z": setpoint()})
    assert managers.release("z", controller, after(seconds), POLICY) is verdict
    assert bool(managers.setpoints) is (verdict is Verdict.REFUSED)
    assert managers.release("y", controller, after(seconds), POLICY) is Verdict.DROPPED


def test_a_restart_changes_nothing_and_time_goes_on() -> None:
    managers = EnergyManagers({"z": setpoint(lasts=90), "y": setpoint(1, power=5e3, for_evs=True)})
    stored = {zone: held.to_json() for zone, held in managers.setpoints.items()}
    assert managers.to_json() == stored
    again = EnergyManagers({zone: ManagedSetpoint.from_json(held) for zone, held in stored.items()})
    assert again.setpoints == managers.setpoints
    assert [limit.zone for limit in again.look(after(95), POLICY)] == ["y", "y"]
    again.forget_all_but({"z"})
    assert again.setpoints == {}


@pytest.mark.parametrize(
    "wrong",
    [{"controller": ""}, {"controller": None}, {"at": None}, {"current": -1}, {"power": "much"}],
    ids=str,
)
def test_a_store_that_is_not_ours_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ManagedSetpoint.from_json(setpoint().to_json() | wrong)


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "c"]), st.floats(0, 400)), min_size=1, max_size=30
    )
)
def test_nobody_takes_a_zone_from_a_controller_that_goes_on(
    updates: list[tuple[str, float]],
) -> None:
    managers, time, holder = EnergyManagers(), 0.0, setpoint(-1000)
    for controller, wait in updates:
        time += wait
        update = setpoint(time, controller)
        if managers.write("z", update, POLICY) is Verdict.ACCEPTED:
            assert controller == holder.controller or holder.is_lapsed(update.at, POLICY)
            assert update.at - holder.at >= timedelta(seconds=60)
            holder = update
