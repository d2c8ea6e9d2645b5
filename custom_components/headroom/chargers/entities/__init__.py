"""Chargers that Home Assistant knows already, through the entities of another integration."""
