"""A month of a capacity tariff in closed loop."""
