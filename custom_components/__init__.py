"""Home Assistant finds custom integrations below this package."""
