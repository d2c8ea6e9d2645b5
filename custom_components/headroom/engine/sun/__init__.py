"""Following the sun: what is left over, who gets it, and when a car starts and stops for it."""
