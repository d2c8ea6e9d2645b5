"""Charging stations that speak OCPP 1.6J as clients, independent of the integration's server."""
