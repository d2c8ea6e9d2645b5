"""Modbus: connections that meters and chargers share, and numbers in registers."""
