"""Tests of the compliance watch."""
