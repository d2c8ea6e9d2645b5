"""Following the sun, as options and entities, and the house battery."""
