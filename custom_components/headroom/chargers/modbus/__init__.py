"""Chargers that speak Modbus TCP; each register map is a file in `dialects/`."""
