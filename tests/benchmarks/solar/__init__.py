"""Tests of the year of sun."""
