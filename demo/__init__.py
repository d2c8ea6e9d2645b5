"""The demo: a simulated car park and a real Home Assistant that manages it."""
