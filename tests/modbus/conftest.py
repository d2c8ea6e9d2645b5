"""Fixtures of the transport's tests."""

from .fixtures import StartServer, answer_time, clock, pacer, pool, start_server

__all__ = ["StartServer", "answer_time", "clock", "pacer", "pool", "start_server"]
