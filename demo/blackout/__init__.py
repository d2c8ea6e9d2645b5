"""A trial with the demo: what cars draw while Headroom cannot reach their chargers."""
