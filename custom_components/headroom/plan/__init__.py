"""Goals of cars, and plans of when they charge, in Home Assistant."""
