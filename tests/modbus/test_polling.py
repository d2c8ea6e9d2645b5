"""A steady period."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.modbus.polling import next_poll

from .fakes import Clock


@given(
    late=st.timedeltas(timedelta(days=-2), timedelta(days=2)),
    period=st.timedeltas(timedelta(milliseconds=1), timedelta(minutes=1)),
)
def test_next_poll_is_the_first_in_step(late: timedelta, period: timedelta) -> None:
    due = Clock().time
    now = due + late
    following = next_poll(due, period, now)
    assert now < following <= now + period
    assert (following - due) % period == timedelta()
