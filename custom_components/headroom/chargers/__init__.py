"""Chargers: one protocol towards the engine, one family of drivers per way to talk to them."""
