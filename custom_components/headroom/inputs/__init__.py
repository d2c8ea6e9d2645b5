"""Contacts and sensors that ask for less current, and load shedding that people order."""
