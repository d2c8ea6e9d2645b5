"""Fixtures of the transport's tests."""

from .fixtures import StartServer, answer_time, clock, pool, start_server

__all__ = ["StartServer", "answer_time", "clock", "pool", "start_server"]
