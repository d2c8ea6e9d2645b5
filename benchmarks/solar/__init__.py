"""Charging by the sun over a year: rules and clairvoyants on the same days."""
