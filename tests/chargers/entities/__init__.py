"""Chargers that are made of entities."""
