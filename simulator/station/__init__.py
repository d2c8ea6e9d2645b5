"""Charging stations that speak OCPP as clients, independent of the integration's server."""
