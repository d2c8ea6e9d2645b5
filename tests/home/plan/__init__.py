"""Plans in a real Home Assistant."""
