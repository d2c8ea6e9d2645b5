"""When a car may charge, and from what."""
