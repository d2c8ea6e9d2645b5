"""Meters: one protocol towards the engine, models as data."""
