"""OCPP 1.6J, on one connection."""
