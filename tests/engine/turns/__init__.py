"""Tests of `engine/turns/`."""
