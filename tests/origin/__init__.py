"""Tests of where energy came from."""
