"""Tests of `inputs/`."""
