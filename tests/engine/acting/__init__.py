"""Tests of `engine/acting/`."""
