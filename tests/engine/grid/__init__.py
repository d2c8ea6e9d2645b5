"""Tests of what grid, operator and energy manager ask for."""
