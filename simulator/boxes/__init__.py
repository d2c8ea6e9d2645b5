"""Wallboxes that are not OCPP stations: on Modbus TCP, or steered by an app of their maker."""
