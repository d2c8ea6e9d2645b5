"""Tests of following the sun."""
