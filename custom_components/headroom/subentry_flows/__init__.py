"""Flows that add and change the parts of a site: zones, meters and chargers."""
