"""Tests of `engine/cars/`."""
