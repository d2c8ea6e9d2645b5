"""Chargers that speak Modbus; each register map is a file in `dialects/`."""
