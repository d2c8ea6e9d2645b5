"""Tariff periods, as they are stored, shown and summed up."""
