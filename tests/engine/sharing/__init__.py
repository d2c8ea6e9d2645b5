"""Tests of `engine/sharing/`."""
