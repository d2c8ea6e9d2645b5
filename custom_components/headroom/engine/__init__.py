"""Headroom's engine: pure decisions about current, without I/O, clocks or chance of their own."""
