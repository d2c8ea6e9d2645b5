"""The electrical side of the car park: pure, stepped, and the same for the same seed."""
