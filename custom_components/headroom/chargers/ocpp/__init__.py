"""Charging stations that speak OCPP, and the central system that they connect to."""
