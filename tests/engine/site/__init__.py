"""Tests of `engine/site/`."""
