"""Tests of `engine/known/`."""
