"""Cheap hours, the random delay and force charge, as options, entities and badges."""
